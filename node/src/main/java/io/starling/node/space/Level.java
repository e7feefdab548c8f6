package io.starling.node.space;

/// On how many members a transaction is to be durable before it is answered, beside this node.
public sealed interface Level {

  /// Members that may be asked for by number.
  int COUNT_MAX = 4_096;

  /// On this node alone.
  record Local() implements Level {}

  /// On a number of other members, whichever.
  ///
  /// @param count 1 to [#COUNT_MAX]
  record Members(int count) implements Level {
    public Members {
      if (count < 1 || count > COUNT_MAX) {
        throw new IllegalArgumentException(
            count + " acknowledgements; 1 to " + COUNT_MAX + " can be asked for");
      }
    }
  }

  /// On every other member.
  record All() implements Level {}

  /// On at least one member at every other site.
  record Sites() implements Level {}

  /// The level by its word: `local`, a number, `all`, `site`.
  ///
  /// @throws IllegalArgumentException if it is no such word; the message says so
  static Level parse(String word) {
    return switch (word) {
      case "local" -> new Local();
      case "all" -> new All();
      case "site" -> new Sites();
      default -> {
        if (!word.matches("[0-9]{1,5}")) {
          throw new IllegalArgumentException(
              "a level of acknowledgement is local, a number, all or site, not '" + word + "'");
        }
        yield word.equals("0") ? new Local() : new Members(Integer.parseInt(word));
      }
    };
  }
}

package io.starling.simulation.script;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.replica.request.Mutation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads scripts, line by line. Empty lines and what follows a `#` mean nothing.
///
/// ```
/// 10s..40s: split eu | us,ap
/// 12s..20s: oneway eu > us-2
/// 15s..18s: stop us-1
/// 20s..22s: pause ap
/// 25s..30s: slow eu - us 300ms 5%
/// 12s: eu-1 set price/tea 300
/// 12s: us-1 add cart/ada milk
/// 13s: us-2 take cart/ada tea
/// 14s: ap-1 count stock/tea -2
/// 15s: ap-1 remove price/tea
/// ```
///
/// What is cut off from what, who stops, and what clients write. A value is a number, or else a
/// text.
public final class ScriptText {

  /// Characters of one step.
  public static final int LINE_MAX = 1_000;

  private static final int SHOWN_MAX = 80;
  private static final String BYTE_ORDER_MARK = "\uFEFF";
  private static final Pattern COMMENT = Pattern.compile("(^|\\s)#.*");
  private static final Pattern LINE = Pattern.compile("([^.:\\s]+)\\.\\.([^.:\\s]+)\\s*:\\s*(.+)");
  private static final Pattern WRITE =
      Pattern.compile("([0-9]+[a-z]+)\\s*:\\s*(\\S+)\\s+(\\S+)\\s+(\\S+)(?:\\s+(.+))?");
  private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9]{1,15}");
  private static final Pattern TIME = Pattern.compile("([0-9]{1,9})(ms|s|m)");
  private static final Pattern SLOW =
      Pattern.compile("(\\S+)\\s+-\\s+(\\S+)\\s+(\\S+)(?:\\s+(\\d{1,2})%)?");

  private final Regions regions;

  public ScriptText(Regions regions) {
    this.regions = regions;
  }

  /// Reads a script.
  ///
  /// @throws IllegalArgumentException if a line cannot be read; the message says which and why
  public List<Step> parse(String text) {
    var steps = new ArrayList<Step>();
    var lines = (text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      var line = COMMENT.matcher(lines.get(i)).replaceFirst("").strip();
      if (!line.isEmpty()) {
        try {
          steps.add(step(line));
        } catch (IllegalArgumentException refused) {
          throw new IllegalArgumentException(
              "line " + (i + 1) + ", '" + begin(line) + "': " + refused.getMessage(), refused);
        }
      }
    }
    return steps;
  }

  private static String begin(String line) {
    return line.length() <= SHOWN_MAX ? line : line.substring(0, SHOWN_MAX) + "…";
  }

  /// Reads what the command line says of a partition: a line without the word `split`.
  ///
  /// @throws IllegalArgumentException if it cannot be read; the message says why
  public Step partition(String text) {
    if (text.length() > LINE_MAX) {
      throw new IllegalArgumentException("a partition has at most " + LINE_MAX + " characters");
    }
    var line = LINE.matcher(text.strip());
    if (!line.matches()) {
      throw unreadable("10s..40s: eu | us,ap");
    }
    return split(span(line.group(1), line.group(2)), line.group(3));
  }

  /// Reads one step, in which `#` means nothing else.
  ///
  /// @throws IllegalArgumentException if it cannot be read; the message says why
  public Step step(String text) {
    if (text.length() > LINE_MAX) {
      throw new IllegalArgumentException("a step has at most " + LINE_MAX + " characters");
    }
    return read(text.strip());
  }

  private Step read(String text) {
    var line = LINE.matcher(text);
    var write = WRITE.matcher(text);
    if (write.matches()) {
      return write(write);
    }
    if (!line.matches()) {
      throw unreadable("10s..40s: split eu | us,ap");
    }
    var span = span(line.group(1), line.group(2));
    var words = line.group(3).split("\\s+", 2);
    var rest = words.length == 2 ? words[1] : "";
    return switch (words[0]) {
      case "split" -> split(span, rest);
      case "oneway" -> oneWay(span, rest);
      case "stop" -> new Step.Stop(span, group(rest), span + ": stop " + rest);
      case "pause" -> new Step.Pause(span, group(rest), span + ": pause " + rest);
      case "slow" -> slow(span, rest);
      default ->
          throw new IllegalArgumentException(
              "no step '" + words[0] + "'; there are split, oneway, stop, pause, slow");
    };
  }

  private Step split(Step.Span span, String text) {
    var groups = Arrays.stream(text.split("\\|", -1)).map(this::group).toList();
    if (groups.size() < 2) {
      throw new IllegalArgumentException("a split has two groups or more, as in eu | us,ap");
    }
    var seen = new ArrayList<Integer>();
    for (int node : groups.stream().flatMap(List::stream).toList()) {
      if (seen.contains(node)) {
        throw new IllegalArgumentException(regions.name(node) + " is in two groups");
      }
      seen.add(node);
    }
    return new Step.Split(span, groups, span + ": split " + text.strip());
  }

  private Step oneWay(Step.Span span, String text) {
    var ends = text.split(">", -1);
    if (ends.length != 2) {
      throw unreadable("10s..40s: oneway eu > us");
    }
    return new Step.OneWay(span, group(ends[0]), group(ends[1]), span + ": oneway " + text.strip());
  }

  private Step slow(Step.Span span, String text) {
    var slow = SLOW.matcher(text.strip());
    if (!slow.matches()) {
      throw unreadable("10s..40s: slow eu - us 300ms 5%");
    }
    if (time(slow.group(3)).compareTo(Script.DELAY_MAX) > 0) {
      throw new IllegalArgumentException(
          "a delay of at most " + Script.DELAY_MAX.toSeconds() + "s, not " + slow.group(3));
    }
    int percent = slow.group(4) == null ? 0 : Integer.parseInt(slow.group(4));
    return new Step.Slow(
        span,
        group(slow.group(1)),
        group(slow.group(2)),
        time(slow.group(3)),
        percent * 10,
        span + ": slow " + text.strip());
  }

  private Step write(Matcher write) {
    var at = time(write.group(1));
    var nodes = regions.find(write.group(2));
    if (nodes.size() != 1) {
      throw new IllegalArgumentException(
          "'" + write.group(2) + "' is a region; a client writes to one node");
    }
    var path = path(write.group(4));
    var value = Optional.ofNullable(write.group(5)).map(String::strip);
    return new Step.Write(
        new Step.Span(at, at.plusMillis(1)),
        nodes.getFirst(),
        mutation(write.group(3), path, value),
        write.group());
  }

  private static Mutation mutation(String verb, Path path, Optional<String> value) {
    if (verb.equals("remove")) {
      return new Mutation.Remove(path);
    }
    var text =
        value.orElseThrow(
            () -> new IllegalArgumentException("a value is missing, as in 'set price/tea 300'"));
    return switch (verb) {
      case "set" -> new Mutation.Set(path, value(text), ReadRule.LATEST);
      case "add" -> new Mutation.AddElement(path, value(text));
      case "take" -> new Mutation.RemoveElement(path, value(text));
      case "count" -> new Mutation.Increment(path, amount(text));
      default ->
          throw new IllegalArgumentException(
              "no write '" + verb + "'; there are set, add, take, count, remove");
    };
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (IllegalArgumentException refused) {
      throw new IllegalArgumentException("no key '" + text + "': " + refused.getMessage(), refused);
    }
  }

  private static Value value(String text) {
    return NUMBER.matcher(text).matches() ? new Value.Int(amount(text)) : new Value.Text(text);
  }

  private static long amount(String text) {
    if (!NUMBER.matcher(text).matches()) {
      throw new IllegalArgumentException("no whole number '" + text + "'");
    }
    return Long.parseLong(text);
  }

  private List<Integer> group(String text) {
    var nodes = new ArrayList<Integer>();
    for (var name : text.split(",", -1)) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("a name is missing");
      }
      nodes.addAll(regions.find(name.strip()));
    }
    return List.copyOf(nodes);
  }

  private static Step.Span span(String from, String until) {
    return new Step.Span(time(from), time(until));
  }

  private static Duration time(String text) {
    var time = TIME.matcher(text);
    if (!time.matches()) {
      throw new IllegalArgumentException("no time '" + text + "'; write it as 500ms, 10s or 2m");
    }
    long number = Long.parseLong(time.group(1));
    return switch (time.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      default -> Duration.ofMinutes(number);
    };
  }

  private static IllegalArgumentException unreadable(String example) {
    return new IllegalArgumentException("write it as in '" + example + "'");
  }
}

package io.starling.faults.history;

import java.util.Optional;

/// What was asked of a node about one object, and what came of it.
public sealed interface Operation {

  Call call();

  String object();

  /// @param number among the writes to this object, from 0 on
  /// @param seen what it answers to, empty if it was made without a look
  /// @param note what the client was told, if it was not done
  record Write(
      Call call,
      String object,
      int number,
      Change change,
      Optional<Seen> seen,
      Outcome outcome,
      String note)
      implements Operation {

    @Override
    public String toString() {
      return "write %s of %s (%s), %s%s"
          .formatted(number, object, call, outcome, note.isEmpty() ? "" : ": " + note);
    }
  }

  /// @param cut empty if it was not answered
  /// @param note what the client was told, if it was not answered
  record Read(Call call, String object, Optional<Cut> cut, String note) implements Operation {

    @Override
    public String toString() {
      return "read of %s (%s)%s".formatted(object, call, note.isEmpty() ? "" : ": " + note);
    }
  }

  /// What a write answers to: what a read had shown.
  ///
  /// @param isExact whether the node that took it had all of that: a write answers to no more than
  ///   that node has
  record Seen(Writes writes, boolean isExact) {}
}

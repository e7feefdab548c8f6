package io.starling.faults.history;

import java.util.List;

/// All that clients asked in a run and what they were told.
///
/// @param operations those of a session in the order of their answers
/// @param absences when a node did not have to serve anybody
/// @param last what each node showed of each object after everything was healed
public record History(
    List<Operation> operations, List<Absence> absences, List<Operation.Read> last) {

  public History {
    operations = List.copyOf(operations);
    absences = List.copyOf(absences);
    last = List.copyOf(last);
  }

  /// A time in which a node was stopped, was starting or had no disk to write on.
  public record Absence(String node, String why, long fromMillis, long untilMillis) {

    boolean excuses(Call call) {
      return node.equals(call.node())
          && fromMillis <= call.answeredMillis()
          && call.invokedMillis() <= untilMillis;
    }
  }
}

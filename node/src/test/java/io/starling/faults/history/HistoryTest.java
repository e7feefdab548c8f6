package io.starling.faults.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.faults.history.History.Absence;
import io.starling.faults.history.Operation.Read;
import io.starling.faults.history.Operation.Seen;
import io.starling.faults.history.Operation.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// A history that is as it should be, and what was planted in it: each is found, by the check that
/// is there for it, and by no other.
final class HistoryTest {

  private static final String HERE = "here";
  private static final String THERE = "there";

  private final List<Operation> operations = new ArrayList<>();
  private final List<Read> last = new ArrayList<>();
  private final List<Absence> absences = new ArrayList<>();
  private long now;

  @Test
  void whatIsAsItShouldBeIsFoundSo() {
    write(0, new Change.Count(5), Outcome.DONE);
    write(1, new Change.Add(7), Outcome.DONE);
    read(cut(Writes.of(0, 1), 5, List.of(7), List.of()));
    write(2, new Change.Remove(7), Outcome.DONE, new Seen(Writes.of(0, 1), true));
    write(3, new Change.Count(2), Outcome.UNKNOWN);
    write(4, new Change.Count(9), Outcome.UNKNOWN);
    write(5, new Change.Count(100), Outcome.REFUSED);
    ends(cut(Writes.of(0, 1, 2, 3), 7, List.of(), List.of()));
    assertThat(violated()).isEmpty();
  }

  @Test
  void aLostWriteIsFound() {
    write(0, new Change.Count(5), Outcome.DONE);
    write(1, new Change.Count(6), Outcome.DONE);
    ends(cut(Writes.of(0), 5, List.of(), List.of()));
    assertThat(violated()).containsExactly(Checks.KEPT);
  }

  @Test
  void aRefusedWriteThatHappenedIsFound() {
    write(0, new Change.Count(5), Outcome.REFUSED);
    ends(cut(Writes.of(0), 5, List.of(), List.of()));
    assertThat(violated()).containsExactly(Checks.KEPT);
  }

  @Test
  void aWriteThatNobodyMadeIsFound() {
    write(0, new Change.Count(5), Outcome.DONE);
    ends(cut(Writes.of(0, 1), 5, List.of(), List.of()));
    assertThat(violated()).containsExactly(Checks.WRITTEN);
  }

  @Test
  void anIncrementThatCountsTwiceIsFound() {
    write(0, new Change.Count(5), Outcome.UNKNOWN);
    ends(cut(Writes.of(0), 10, List.of(), List.of()));
    assertThat(violated()).containsExactly(Checks.SUMMED);
  }

  @Test
  void anIncrementThatIsShownHalfIsFound() {
    write(0, new Change.Count(5), Outcome.DONE);
    ends(cut(Writes.of(0), 0, List.of(), List.of()));
    assertThat(violated()).containsExactly(Checks.SUMMED);
  }

  @Test
  void aReadThatIsOlderThanItsSessionIsFound() {
    write(0, new Change.Count(5), Outcome.DONE);
    read(cut(Writes.NONE, 0, List.of(), List.of()));
    ends(cut(Writes.of(0), 5, List.of(), List.of()));
    assertThat(violated()).containsExactly(Checks.SESSIONS);
  }

  @Test
  void aReadThatIsOlderThanTheOneBeforeIsFound() {
    operations.add(
        new Write(
            call("other", HERE), "x", 0, new Change.Count(5), Optional.empty(), Outcome.DONE, ""));
    read(cut(Writes.of(0), 5, List.of(), List.of()));
    read(cut(Writes.NONE, 0, List.of(), List.of()));
    ends(cut(Writes.of(0), 5, List.of(), List.of()));
    assertThat(violated()).containsExactly(Checks.SESSIONS);
  }

  @Test
  void aWriteWithoutWhatItAnswersToIsFound() {
    write(0, new Change.Count(5), Outcome.DONE);
    write(1, new Change.Count(6), Outcome.DONE, new Seen(Writes.of(0), true));
    operations.add(
        new Read(
            call("other", THERE),
            "x",
            Optional.of(cut(Writes.of(1), 6, List.of(), List.of())),
            ""));
    ends(cut(Writes.of(0, 1), 11, List.of(), List.of()));
    assertThat(violated()).containsExactly(Checks.FOLLOWING);
  }

  @Test
  void anElementThatComesBackIsFound() {
    write(0, new Change.Add(7), Outcome.DONE);
    write(1, new Change.Remove(7), Outcome.DONE, new Seen(Writes.of(0), true));
    ends(cut(Writes.of(0, 1), 0, List.of(7), List.of()));
    assertThat(violated()).containsExactly(Checks.MEANT);
  }

  @Test
  void anAdditionThatARemovalHadNotSeenAndTookAwayIsFound() {
    write(0, new Change.Add(7), Outcome.DONE);
    write(1, new Change.Add(7), Outcome.DONE);
    write(2, new Change.Remove(7), Outcome.DONE, new Seen(Writes.of(0), true));
    ends(cut(Writes.of(0, 1, 2), 0, List.of(), List.of()));
    assertThat(violated()).containsExactly(Checks.MEANT);
  }

  @Test
  void whatANodeMayNotHaveSeenMayStandOrNot() {
    write(0, new Change.Add(7), Outcome.DONE);
    write(1, new Change.Remove(7), Outcome.DONE, new Seen(Writes.of(0), false));
    read(cut(Writes.of(0, 1), 0, List.of(7), List.of()));
    ends(cut(Writes.of(0, 1), 0, List.of(), List.of()));
    assertThat(violated()).isEmpty();
  }

  @Test
  void aValueThatWasOverwrittenAndOneThatIsGoneAreFound() {
    write(0, new Change.Assign(), Outcome.DONE, new Seen(Writes.NONE, true));
    write(1, new Change.Assign(), Outcome.DONE, new Seen(Writes.of(0), true));
    write(2, new Change.Assign(), Outcome.DONE, new Seen(Writes.of(0), true));
    ends(cut(Writes.of(0, 1, 2), 0, List.of(), List.of(1, 2)));
    assertThat(violated()).isEmpty();
    read(cut(Writes.of(0, 1, 2), 0, List.of(), List.of(0, 1, 2)));
    assertThat(violated()).containsExactly(Checks.MEANT);
    operations.removeLast();
    read(cut(Writes.of(0, 1, 2), 0, List.of(), List.of(2)));
    assertThat(violated()).containsExactly(Checks.MEANT);
  }

  @Test
  void aRequestThatANodeThatRunsDoesNotServeIsFound() {
    var asked = new Call("a", HERE, true, 5, 9);
    operations.add(new Read(asked, "x", Optional.empty(), "nobody answers"));
    assertThat(violated()).containsExactly(Checks.SERVED);
    absences.add(new Absence(HERE, "PAUSE", 1, 4));
    absences.add(new Absence(THERE, "KILL", 1, 20));
    assertThat(violated()).as("it was over, and elsewhere").containsExactly(Checks.SERVED);
    absences.add(new Absence(HERE, "DISK_FULL", 8, 20));
    assertThat(violated()).isEmpty();
  }

  @Test
  void nodesThatDifferInTheEndAreFound() {
    write(0, new Change.Count(5), Outcome.UNKNOWN);
    ends(cut(Writes.of(0), 5, List.of(), List.of()));
    last.removeLast();
    last.add(
        new Read(
            call("last", THERE), "x", Optional.of(cut(Writes.NONE, 0, List.of(), List.of())), ""));
    assertThat(violated()).containsExactly(Checks.CONVERGED);
  }

  @Test
  void anObjectThatNobodyLookedAtIsFound() {
    write(0, new Change.Count(5), Outcome.UNKNOWN);
    assertThat(violated()).containsExactly(Checks.CONVERGED);
  }

  private Call call(String session, String node) {
    now++;
    return new Call(session, node, false, now, now);
  }

  private void write(int number, Change change, Outcome outcome) {
    operations.add(new Write(call("a", HERE), "x", number, change, Optional.empty(), outcome, ""));
  }

  private void write(int number, Change change, Outcome outcome, Seen seen) {
    operations.add(new Write(call("a", HERE), "x", number, change, Optional.of(seen), outcome, ""));
  }

  private void read(Cut cut) {
    operations.add(new Read(call("a", HERE), "x", Optional.of(cut), ""));
  }

  /// Both nodes show the same in the end.
  private void ends(Cut cut) {
    for (var node : List.of(HERE, THERE)) {
      last.add(new Read(call("last", node), "x", Optional.of(cut), ""));
    }
  }

  private static Cut cut(Writes writes, long count, List<Integer> items, List<Integer> values) {
    return new Cut(writes, count, new TreeSet<>(items), new TreeSet<>(values));
  }

  private List<String> violated() {
    return Checks.of(new History(operations, absences, last)).violated();
  }
}

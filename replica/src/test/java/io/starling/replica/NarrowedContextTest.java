package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Path;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.Narrowing;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// An edit answers to the read that its client saw, not to what its node knows.
class NarrowedContextTest {

  private final Cluster cluster = new Cluster(2);
  private final Cluster.Member here = cluster.member(0);
  private final Cluster.Member there = cluster.member(1);

  @Test
  void aSetFromAnOldReadLeavesWhatCameSinceBesideIt() {
    here.commit(Cluster.set("k", "read"));
    var read = here.reader().token();
    here.commit(Cluster.set("k", "came since"));
    here.commitAt(read, Cluster.set("k", "edited"));
    assertThat(values(here)).containsExactly(text("came since"), text("edited"));
    cluster.deliverAll();
    assertThat(there.view("k")).isEqualTo(here.view("k"));
    assertThat(there.status().digest()).isEqualTo(here.status().digest());
  }

  @Test
  void aRemovalFromAnOldReadLeavesWhatCameSince() {
    here.commit(Cluster.add("s", "read"), Cluster.add("s", "again"));
    var read = here.reader().token();
    there.commit(Cluster.add("s", "concurrent"));
    cluster.deliverAll();
    here.commit(Cluster.add("s", "again"), Cluster.add("s", "new"));
    here.commitAt(read, new Mutation.Remove(Path.of("s")));
    cluster.deliverAll();
    for (var member : cluster.members) {
      assertThat(((View.Elements) member.view("s")).elements())
          .containsExactly(text("again"), text("concurrent"), text("new"));
    }
  }

  @Test
  void whatTheTransactionItselfHasDoneCountsAsRead() {
    here.commit(Cluster.set("k", "read"));
    var read = here.reader().token();
    here.commit(Cluster.set("k", "came since"));
    here.commitAt(read, Cluster.set("k", "first"), Cluster.set("k", "second"));
    assertThat(values(here)).containsExactly(text("came since"), text("second"));
    here.commitAt(read, Cluster.add("s", "x"), new Mutation.Remove(Path.of("s")));
    assertThat(here.view("s")).isInstanceOf(View.Absent.class);
    cluster.deliverAll();
    assertThat(there.status().digest()).isEqualTo(here.status().digest());
  }

  @Test
  void anotherTransactionOfTheSameBatchDoesNot() {
    here.commit(Cluster.set("k", "read"));
    var read = Optional.of(here.reader().token());
    var outcomes =
        here.submit(
            List.of(
                new Submission(0, "a", read, List.of(Cluster.set("k", "a"))),
                new Submission(0, "b", read, List.of(Cluster.set("k", "b")))));
    assertThat(outcomes).allMatch(Outcome.Committed.class::isInstance);
    assertThat(values(here)).containsExactly(text("a"), text("b"));
    assertThat(here.last().batch().transactions().getFirst().narrowed()).isEqualTo(Narrowing.WHOLE);
    assertThat(here.last().batch().transactions().getLast().narrowed())
        .isInstanceOf(Narrowing.To.class);
    cluster.deliverAll();
    assertThat(there.view("k")).isEqualTo(here.view("k"));
  }

  @Test
  void aTokenThatCoversAllNarrowsNothing() {
    here.commit(Cluster.set("k", "read"));
    there.commit(Cluster.set("l", "other"));
    cluster.deliverAll();
    here.commitAt(here.reader().token(), Cluster.set("k", "edited"));
    assertThat(here.last().batch().transactions().getFirst().narrowed()).isEqualTo(Narrowing.WHOLE);
  }

  @Test
  void aTokenFromAfarIsClippedToWhatIsHere() {
    here.commit(Cluster.add("s", "here"));
    cluster.deliverAll();
    there.commit(Cluster.add("s", "there"));
    var read = there.reader().token();
    here.commit(Cluster.add("s", "since"));
    here.commitAt(read, new Mutation.Remove(Path.of("s")));
    var narrowed = (Narrowing.To) here.last().batch().transactions().getFirst().narrowed();
    assertThat(narrowed.vector().size()).isEqualTo(1);
    cluster.deliverAll();
    for (var member : cluster.members) {
      assertThat(((View.Elements) member.view("s")).elements())
          .containsExactly(text("since"), text("there"));
    }
  }

  @Test
  void aMadeUpTokenCanOnlySeeLess() {
    here.commit(Cluster.set("k", "v"));
    here.commitAt(new Token(Cluster.MAIN, List.of()), Cluster.set("k", "w"));
    assertThat(values(here)).containsExactly(text("v"), text("w"));
    var ghost = new Token.Prefix(there.self(), Long.MAX_VALUE, 1);
    here.commitAt(new Token(Cluster.MAIN, List.of(ghost)), Cluster.set("k", "x"));
    assertThat(values(here)).hasSize(3);
    cluster.deliverAll();
    assertThat(there.view("k")).isEqualTo(here.view("k"));
    assertThat(cluster.alarms).isEmpty();
  }

  @Test
  void aTokenOfBeforeARestartReadsTheClosedIncarnationInFull() {
    here.commit(Cluster.add("s", "1"));
    here.restart();
    cluster.connectAll();
    here.commit(Cluster.add("s", "2"));
    var read = here.reader().token();
    assertThat(read.heads()).hasSize(1);
    here.commit(Cluster.add("s", "3"));
    here.commitAt(read, new Mutation.Remove(Path.of("s")));
    assertThat(((View.Elements) here.view("s")).elements()).containsExactly(text("3"));
    cluster.rounds(2);
    assertThat(there.view("s")).isEqualTo(here.view("s"));
  }

  @Test
  void aResetFromAnOldReadTakesBackWhatItShowedAndNoMore() {
    here.commit(Cluster.increment("n", 5));
    var shown = ((View.Counter) here.view("n")).shares();
    var read = here.reader().token();
    here.commit(Cluster.increment("n", 2));
    there.commit(Cluster.increment("n", 10));
    cluster.deliverAll();
    here.commitAt(read, new Mutation.Reset(Path.of("n"), Optional.of(shown)));
    cluster.deliverAll();
    for (var member : cluster.members) {
      assertThat(member.value("n")).isEqualTo(new Value.Int(12));
    }
    assertThat(cluster.alarms).isEmpty();
  }

  @Test
  void alternatingEditorsLeaveAsManyValuesAsThereAreEditors() {
    var reads = new Token[] {here.reader().token(), here.reader().token()};
    for (int i = 0; i < 200; i++) {
      int editor = i % 2;
      var seen = here.view("k");
      here.commitAt(reads[editor], Cluster.set("k", "edit " + i));
      assertThat(seen instanceof View.Absent || values(here).size() <= 2).isTrue();
      reads[editor] = here.reader().token();
    }
    assertThat(values(here).size()).isLessThanOrEqualTo(2);
  }

  private static List<Value> values(Cluster.Member member) {
    return ((View.Register) member.view("k"))
        .values().values().stream().map(assignment -> assignment.value()).toList();
  }

  private static Value text(String text) {
    return new Value.Text(text);
  }
}

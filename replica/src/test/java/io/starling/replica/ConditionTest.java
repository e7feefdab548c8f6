package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.replica.Cluster.Member;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import io.starling.replica.request.Submission;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A transaction may ask to be made only if its keys have not changed since a token.
class ConditionTest {

  private final Cluster cluster = new Cluster(2);
  private final Member one = cluster.member(0);
  private final Member two = cluster.member(1);

  @Test
  void unchangedItIsMade() {
    var seen = one.commit(Cluster.set("k", "1")).token();
    one.commit(Cluster.set("other", "x"));
    assertThat(conditional(one, seen, Cluster.set("k", "2"))).isInstanceOf(Outcome.Committed.class);
  }

  @Test
  void whatChangedHereOrCameFromElsewhereRefusesIt() {
    var seen = one.commit(Cluster.set("k", "1")).token();
    cluster.deliverAll();
    two.commit(Cluster.set("k", "2"));
    cluster.deliverAll();
    assertStale(conditional(one, seen, Cluster.set("k", "3")));
    assertThat(one.value("k")).isEqualTo(new Value.Text("2"));
  }

  @Test
  void aRemovalIsAChangeToo() {
    var seen = one.commit(Cluster.set("k", "1")).token();
    one.commit(new Mutation.Remove(Path.of("k")));
    assertStale(conditional(one, seen, Cluster.set("k", "3")));
  }

  @Test
  void ofTwoInOneEventOnlyTheFirstIsMade() {
    var seen = one.commit(Cluster.set("k", "1")).token();
    var outcomes =
        one.submit(
            List.of(
                submission(seen, Cluster.set("k", "2")), submission(seen, Cluster.set("k", "3"))));
    assertThat(outcomes.getFirst()).isInstanceOf(Outcome.Committed.class);
    assertStale(outcomes.getLast());
    assertThat(one.value("k")).isEqualTo(new Value.Text("2"));
  }

  @Test
  void aConditionAboutWhatDoesNotExistHoldsUntilItDoes() {
    var seen = one.commit(Cluster.set("other", "1")).token();
    assertThat(conditional(one, seen, Cluster.set("k", "1"))).isInstanceOf(Outcome.Committed.class);
    assertStale(conditional(one, seen, Cluster.set("k", "2")));
  }

  @Test
  void aConditionAboutWhatIsNotAppliedHereCannotBeTold() {
    one.commit(Cluster.set("k", "1"));
    cluster.deliverAll();
    var seen = one.commit(Cluster.set("k", "2")).token();
    var refused = (Outcome.Refused) conditional(two, seen, Cluster.set("k", "3"));
    assertThat(refused.reason()).isEqualTo(Outcome.Reason.UNAVAILABLE);
    cluster.deliverAll();
    assertThat(conditional(two, seen, Cluster.set("k", "3"))).isInstanceOf(Outcome.Committed.class);
    cluster.deliverAll();
    assertThat(one.value("k")).isEqualTo(new Value.Text("3"));
  }

  @Test
  void aTokenFromTooLongAgoIsRefused() {
    var seen = one.commit(Cluster.set("k", "1")).token();
    for (int i = 0; i <= 1_000; i++) {
      one.commit(Cluster.set("other", "x" + i));
    }
    assertStale(conditional(one, seen, Cluster.set("k", "2")));
  }

  /// All writes wait for the thread that looks.
  @Test
  void theConditionsOfOneEventTogetherReadABoundedPartOfTheLog() {
    var old = one.commit(Cluster.set("k", "1")).token();
    var lessOld = one.commit(Cluster.set("k2", "1")).token();
    for (int i = 0; i < 600; i++) {
      one.commit(Cluster.set("other", "x" + i));
    }
    var outcomes =
        one.submit(
            List.of(
                submission(old, Cluster.set("k", "2")),
                submission(lessOld, Cluster.set("k2", "2")),
                submission(old, Cluster.set("k3", "2"))));
    assertThat(outcomes.get(0)).isInstanceOf(Outcome.Committed.class);
    assertThat(outcomes.get(1))
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(Outcome.Reason.UNAVAILABLE));
    // The same token costs nothing more.
    assertThat(outcomes.get(2)).isInstanceOf(Outcome.Committed.class);
    assertThat(conditional(one, lessOld, Cluster.set("k2", "2")))
        .isInstanceOf(Outcome.Committed.class);
  }

  @Test
  void aTokenOfAnotherSpaceIsRefused() {
    var foreign = new Token(new SpaceId(9, 9), List.of());
    var refused = (Outcome.Refused) conditional(one, foreign, Cluster.set("k", "1"));
    assertThat(refused.reason()).isEqualTo(Outcome.Reason.INVALID_ARGUMENT);
  }

  private static void assertStale(Outcome outcome) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(Outcome.Reason.ABORTED));
  }

  private static Submission submission(Token since, Mutation mutation) {
    return new Submission(
        0,
        new Request(
            "ada", Optional.empty(), Optional.empty(), Optional.of(since), List.of(mutation)));
  }

  private static Outcome conditional(Member member, Token since, Mutation mutation) {
    return member.submit(List.of(submission(since, mutation))).getFirst();
  }
}

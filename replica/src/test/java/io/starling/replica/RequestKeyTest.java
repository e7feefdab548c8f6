package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.replica.Cluster.Member;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import io.starling.replica.request.RequestKeys;
import io.starling.replica.request.Submission;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A transaction that is sent again under its name is made once.
class RequestKeyTest {

  private final Cluster cluster = new Cluster(2);
  private final Member one = cluster.member(0);
  private final Member two = cluster.member(1);

  @Test
  void sentAgainItIsAnsweredAsBeforeAndNotMadeAgain() {
    var first = committed(send(one, "ada", "a", Cluster.increment("n", 5)));
    var again = committed(send(one, "ada", "a", Cluster.increment("n", 5)));
    assertThat(first.isRepeat()).isFalse();
    assertThat(again.isRepeat()).isTrue();
    assertThat(again.operations()).isEqualTo(first.operations());
    assertThat(one.value("n")).isEqualTo(new Value.Int(5));
    assertThat(one.applied()).hasSize(1);
  }

  @Test
  void aNodeThatHasAppliedItKnowsItToo() {
    send(one, "ada", "a", Cluster.increment("n", 5));
    cluster.deliverAll();
    assertThat(committed(send(two, "ada", "a", Cluster.increment("n", 5))).isRepeat()).isTrue();
    assertThat(two.value("n")).isEqualTo(new Value.Int(5));
  }

  @Test
  void itIsKnownAfterARestart() {
    send(one, "ada", "a", Cluster.increment("n", 5));
    one.restart();
    assertThat(committed(send(one, "ada", "a", Cluster.increment("n", 5))).isRepeat()).isTrue();
  }

  @Test
  void thatNothingHadToChangeIsRememberedToo() {
    one.commit(Cluster.set("k/a", "v"));
    var merge = new Mutation.Remove(io.starling.crdt.cell.Path.of("none"));
    assertThat(committed(send(one, "ada", "a", merge)).operations()).isZero();
    one.commit(Cluster.set("none", "v"));
    one.restart();
    assertThat(committed(send(one, "ada", "a", merge)).isRepeat()).isTrue();
    assertThat(one.value("none")).isEqualTo(new Value.Text("v"));
  }

  @Test
  void twiceInOneEventItIsMadeOnce() {
    var twice =
        one.submit(
            List.of(
                named("ada", "a", Cluster.increment("n", 5)),
                named("ada", "a", Cluster.increment("n", 5))));
    assertThat(twice).extracting(it -> committed(it).isRepeat()).containsExactly(false, true);
    assertThat(one.value("n")).isEqualTo(new Value.Int(5));
  }

  @Test
  void aNameThatWasUsedForSomethingElseIsRefused() {
    send(one, "ada", "a", Cluster.increment("n", 5));
    var refused = (Outcome.Refused) send(one, "ada", "a", Cluster.increment("n", 6));
    assertThat(refused.reason()).isEqualTo(Outcome.Reason.FAILED_PRECONDITION);
    assertThat(refused.message()).contains("choose a new one");
    assertThat(one.value("n")).isEqualTo(new Value.Int(5));
  }

  @Test
  void namesAreApartForEachPrincipal() {
    send(one, "ada", "a", Cluster.increment("n", 5));
    assertThat(committed(send(one, "bob", "a", Cluster.increment("n", 5))).isRepeat()).isFalse();
    assertThat(one.value("n")).isEqualTo(new Value.Int(10));
  }

  @Test
  void whatIsRefusedLeavesItsNameFree() {
    one.commit(Cluster.set("k", "v"));
    assertThat(send(one, "ada", "a", Cluster.increment("k", 1)))
        .isInstanceOf(Outcome.Refused.class);
    assertThat(committed(send(one, "ada", "a", Cluster.increment("n", 1))).isRepeat()).isFalse();
  }

  @Test
  void whatTwoNodesMadeApartStandsTwice() {
    send(one, "ada", "a", Cluster.increment("n", 5));
    cluster.loseAll();
    send(two, "ada", "a", Cluster.increment("n", 5));
    cluster.rounds(3);
    assertThat(one.value("n")).isEqualTo(two.value("n")).isEqualTo(new Value.Int(10));
    assertThat(one.status().digest()).isEqualTo(two.status().digest());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "schön", "a\n", "\u0000", "\u007f"})
  void aNameIsPrintableAsciiWithoutSpaces(String name) {
    assertThatThrownBy(() -> RequestKeys.of(name, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to 64 characters of ASCII");
  }

  @Test
  void aNameHasALength() {
    assertThat(RequestKeys.of("~".repeat(64), List.of()).name()).hasSize(64);
    assertThatThrownBy(() -> RequestKeys.of("~".repeat(65), List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /// Nodes of different versions compare them: they are frozen, whatever order enums stand in.
  @Test
  void fingerprintsAreTheSameInEveryVersion() {
    assertThat(fingerprint(ReadRule.LATEST)).isEqualTo(2030037835517136868L);
    assertThat(fingerprint(ReadRule.ALL)).isEqualTo(8374977684944546527L);
  }

  private static long fingerprint(ReadRule rule) {
    var set = new Mutation.Set(Path.of("k"), new Value.Text("v"), rule);
    return RequestKeys.of("a", List.of(set)).fingerprint();
  }

  private static Submission named(String principal, String name, Mutation mutation) {
    var mutations = List.of(mutation);
    var key = Optional.of(RequestKeys.of(name, mutations));
    return new Submission(
        0, new Request(principal, key, Optional.empty(), Optional.empty(), mutations));
  }

  private static Outcome send(Member member, String principal, String name, Mutation mutation) {
    return member.submit(List.of(named(principal, name, mutation))).getFirst();
  }

  private static Outcome.Committed committed(Outcome outcome) {
    return (Outcome.Committed) outcome;
  }
}

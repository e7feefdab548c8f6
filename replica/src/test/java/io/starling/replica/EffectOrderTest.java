package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.Narrowing;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Message;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What an event becomes, effect by effect.
class EffectOrderTest {

  private final Cluster cluster = new Cluster(3);
  private final Cluster.Member a = cluster.member(0);
  private final Cluster.Member b = cluster.member(1);

  @Test
  void aWriteIsPersistedThenToldThenAnsweredThenSent() {
    var effects = a.on(submitted(one(7, Cluster.set("k", "v"))));
    assertThat(kinds(effects)).containsExactly("Persist", "Applied", "Answer", "Send");
    var answer = (Effect.Answer) effects.get(2);
    assertThat(answer.submission()).isEqualTo(7);
    assertThat(((Outcome.Committed) answer.outcome()).operations()).isEqualTo(1);
    var send = (Effect.Send) effects.get(3);
    assertThat(send.peers()).containsExactly(b.key, cluster.member(2).key);
    var message = (Message.Batches) send.message();
    assertThat(message.part()).isEqualTo(Message.Part.FRESH);
    assertThat(message.batches()).containsExactly(((Effect.Applied) effects.get(1)).batch());
  }

  @Test
  void manySubmissionsBecomeOneBatch() {
    var effects =
        a.on(
            submitted(
                one(1, Cluster.set("k", "v"), Cluster.increment("n", 2)),
                one(2, Cluster.increment("k", 1)),
                one(3, Cluster.set("k", "w"))));
    assertThat(kinds(effects))
        .containsExactly("Persist", "Applied", "Answer", "Answer", "Answer", "Send");
    var batch = ((Effect.Applied) effects.get(1)).batch().batch();
    assertThat(batch.seq()).isEqualTo(1);
    assertThat(batch.transactions()).hasSize(2);
    assertThat(batch.operations()).isEqualTo(3);
    assertThat(batch.transactions()).allMatch(t -> t.principal().equals("p"));
    assertThat(batch.transactions()).allMatch(t -> t.narrowed().equals(Narrowing.WHOLE));
    assertThat(((Effect.Applied) effects.get(1)).keys()).containsExactly("k", "n");
    assertThat(answer(effects, 2)).isInstanceOf(Outcome.Refused.class);
    assertThat(answer(effects, 3)).isInstanceOf(Outcome.Committed.class);
  }

  @Test
  void everyAnswerCarriesTheVectorAfterTheWholeEvent() {
    var effects = a.on(submitted(one(1, Cluster.set("k", "v")), one(2, Cluster.set("l", "w"))));
    var token = a.reader().token();
    assertThat(((Outcome.Committed) answer(effects, 1)).token()).isEqualTo(token);
    assertThat(((Outcome.Committed) answer(effects, 2)).token()).isEqualTo(token);
    assertThat(((Effect.Applied) effects.get(1)).token()).isEqualTo(token);
  }

  @Test
  void aLaterSubmissionSeesAnEarlierOneOfTheSameEvent() {
    a.on(
        submitted(
            one(1, Cluster.set("k", "v")),
            one(2, new Mutation.Remove(Path.of("k"))),
            one(3, Cluster.increment("k", 4))));
    assertThat(a.value("k")).isEqualTo(new Value.Int(4));
    assertThat(a.last().batch().transactions()).hasSize(3);
  }

  @Test
  void whatChangesNothingIsCommittedAndWritesNothing() {
    a.commit(Cluster.set("k", "v"));
    var before = StateCheck.contents(a.state);
    var effects =
        a.on(
            submitted(
                one(1, new Mutation.Remove(Path.of("absent"))),
                one(2, new Mutation.SetFlag(Path.of("flag"), false)),
                one(3, new Mutation.RemoveElement(Path.of("set"), new Value.Int(1)))));
    assertThat(kinds(effects)).containsExactly("Answer", "Answer", "Answer");
    for (long id = 1; id <= 3; id++) {
      var committed = (Outcome.Committed) answer(effects, id);
      assertThat(committed.operations()).isZero();
      assertThat(committed.token()).isEqualTo(a.reader().token());
    }
    assertThat(StateCheck.contents(a.state)).isEqualTo(before);
  }

  @Test
  void aMergeThatIsSoAlreadyWritesNothing() {
    a.commit(RefusalTest.merge("doc", RefusalTest.struct("x", new Value.Int(1))));
    var effects =
        a.on(
            submitted(one(1, RefusalTest.merge("doc", RefusalTest.struct("x", new Value.Int(1))))));
    assertThat(kinds(effects)).containsExactly("Answer");
  }

  @Test
  void anEventOfNothingIsNothing() {
    assertThat(a.on(submitted())).isEmpty();
  }

  @Test
  void operationsBeyondABatchGoIntoTheNext() {
    var submissions = new ArrayList<Submission>();
    for (int s = 0; s < 3; s++) {
      var mutations = new ArrayList<Mutation>();
      for (int i = 0; i < 6_000; i++) {
        mutations.add(Cluster.increment("k" + s, 1));
      }
      submissions.add(new Submission(s, "p", Optional.empty(), mutations));
    }
    var effects = a.on(new Event.Submitted(submissions));
    assertThat(kinds(effects))
        .containsExactly(
            "Persist", "Applied", "Applied", "Answer", "Answer", "Answer", "Send", "Send");
    assertThat(a.applied().get(0).batch().operations()).isEqualTo(12_000);
    assertThat(a.applied().get(1).batch().operations()).isEqualTo(6_000);
    assertThat(a.applied().get(1).batch().previous()).isEqualTo(a.applied().get(0).hash());
    cluster.deliverAll();
    assertThat(b.status().digest()).isEqualTo(a.status().digest());
    assertThat(b.value("k2")).isEqualTo(new Value.Int(6_000));
  }

  @Test
  void bytesBeyondABatchGoIntoTheNext() {
    var submissions = new ArrayList<Submission>();
    for (int s = 0; s < 5; s++) {
      submissions.add(one(s, Cluster.set("k" + s, "x".repeat(400_000))));
    }
    a.on(new Event.Submitted(submissions));
    assertThat(a.applied()).hasSize(3);
    for (var batch : a.applied()) {
      assertThat(batch.body().length).isLessThanOrEqualTo(Limits.BATCH_BYTES_MAX);
    }
    cluster.deliverAll();
    assertThat(b.status().digest()).isEqualTo(a.status().digest());
    assertThat(cluster.alarms).isEmpty();
  }

  @Test
  void aBatchThatComesIsPersistedThenTold() {
    a.commit(Cluster.set("k", "v"));
    var effects = b.hear(a, a.last());
    assertThat(kinds(effects)).containsExactly("Persist", "Applied");
    assertThat(((Effect.Applied) effects.get(1)).batch()).isEqualTo(a.last());
    assertThat(((Effect.Applied) effects.get(1)).token()).isEqualTo(a.reader().token());
  }

  @Test
  void batchesThatComeTogetherArePersistedTogether() {
    a.commit(Cluster.set("k", "v"));
    a.commit(Cluster.set("l", "v"));
    var batches = a.applied();
    assertThat(kinds(b.hear(a, batches.get(1)))).isEmpty();
    assertThat(kinds(b.hear(a, batches.get(0)))).containsExactly("Persist", "Applied", "Applied");
  }

  @Test
  void aBatchThatComesAgainIsNothing() {
    a.commit(Cluster.set("k", "v"));
    b.hear(a, a.last());
    assertThat(b.hear(a, a.last())).isEmpty();
    assertThat(a.hear(b, a.last())).isEmpty();
  }

  @Test
  void withoutAPeerNothingIsSentAndAllIsDone() {
    var alone = new Cluster(1).member(0);
    var effects = alone.on(submitted(one(1, Cluster.set("k", "v"))));
    assertThat(kinds(effects)).containsExactly("Persist", "Applied", "Answer");
    assertThat(alone.value("k")).isEqualTo(new Value.Text("v"));
  }

  @Test
  void aFreshLinkIsToldOfTheVector() {
    cluster.deliverAll();
    var effects = a.on(new Event.PeerUp(b.key));
    assertThat(kinds(effects)).containsExactly("Send");
    assertThat(((Effect.Send) effects.getFirst()).peers()).containsExactly(b.key);
    assertThat(((Effect.Send) effects.getFirst()).message())
        .isInstanceOf(Message.Announcement.class);
  }

  private static Event.Submitted submitted(Submission... submissions) {
    return new Event.Submitted(List.of(submissions));
  }

  private static Submission one(long id, Mutation... mutations) {
    return new Submission(id, "p", Optional.empty(), List.of(mutations));
  }

  private static List<String> kinds(List<Effect> effects) {
    return effects.stream().map(effect -> effect.getClass().getSimpleName()).toList();
  }

  private static Outcome answer(List<Effect> effects, long submission) {
    return effects.stream()
        .filter(Effect.Answer.class::isInstance)
        .map(Effect.Answer.class::cast)
        .filter(answer -> answer.submission() == submission)
        .findFirst()
        .orElseThrow()
        .outcome();
  }
}

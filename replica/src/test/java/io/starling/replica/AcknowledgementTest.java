package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.Cluster.Member;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A member states what it has durably applied when it is asked, never before.
class AcknowledgementTest {

  private final Cluster cluster = new Cluster(3);
  private final Member one = cluster.member(0);
  private final Member two = cluster.member(1);

  @Test
  void whatIsAppliedIsAcknowledgedAtOnce() {
    var token = one.commit(Cluster.set("k", "v")).token();
    cluster.deliverAll();
    var effects = two.hear(one, new Message.Ask(Cluster.MAIN, token));
    assertThat(statements(effects)).singleElement().matches(it -> it.covers(token));
  }

  @Test
  void whatIsNotAppliedYetIsAcknowledgedWhenItIsAndAfterItIsDurable() {
    var token = one.commit(Cluster.set("k", "v")).token();
    assertThat(two.hear(one, new Message.Ask(Cluster.MAIN, token))).isEmpty();
    var effects = two.hear(one, one.last());
    assertThat(effects.getFirst()).isInstanceOf(Effect.Persist.class);
    assertThat(statements(effects)).singleElement().matches(it -> it.covers(token));
    assertThat(statements(two.hear(one, one.last()))).as("once").isEmpty();
  }

  @Test
  void ofMoreThanTwoQuestionsTheOldestAndTheNewestAreKept() {
    var tokens = new java.util.ArrayList<Token>();
    for (int i = 0; i < 5; i++) {
      tokens.add(one.commit(Cluster.set("k" + i, "v")).token());
      two.hear(one, new Message.Ask(Cluster.MAIN, tokens.getLast()));
    }
    var batches = one.applied();
    two.inbox.clear();
    assertThat(statements(two.hear(one, batches.get(0))))
        .singleElement()
        .matches(it -> it.covers(tokens.get(0)));
    for (int i = 1; i < 4; i++) {
      assertThat(statements(two.hear(one, batches.get(i)))).isEmpty();
    }
    assertThat(statements(two.hear(one, batches.get(4))))
        .singleElement()
        .matches(it -> it.covers(tokens.get(4)));
  }

  @Test
  void aTokenOfAnotherBranchOrSpaceIsNeverAcknowledged() {
    var token = one.commit(Cluster.set("k", "v")).token();
    cluster.deliverAll();
    var head = token.heads().getFirst();
    var forked = new Token(Cluster.MAIN, List.of(new Token.Prefix(head.replica(), head.seq(), 7)));
    assertThat(statements(two.hear(one, new Message.Ask(Cluster.MAIN, forked)))).isEmpty();
    var foreign = new Token(new io.starling.replica.batch.SpaceId(9, 9), token.heads());
    assertThat(statements(two.hear(one, new Message.Ask(Cluster.MAIN, foreign)))).isEmpty();
    one.commit(Cluster.set("k", "w"));
    cluster.deliverAll();
    assertThat(two.sent(Message.Acknowledged.class)).isEmpty();
  }

  /// The log shows no hash of a batch between the flush and the write, and a number alone stands
  /// for any branch.
  @Test
  void aTokenOfAnotherBranchIsNotAcknowledgedByWhatIsAppliedTogetherWithMore() {
    var token = one.commit(Cluster.set("k", "v")).token();
    one.commit(Cluster.set("k", "w"));
    var head = token.heads().getFirst();
    var forked = new Token(Cluster.MAIN, List.of(new Token.Prefix(head.replica(), head.seq(), 7)));
    two.hear(one, new Message.Ask(Cluster.MAIN, token));
    two.hear(one, new Message.Ask(Cluster.MAIN, forked));

    var effects = two.hear(one, one.applied().toArray(SignedBatch[]::new));

    assertThat(effects).filteredOn(Effect.Applied.class::isInstance).hasSize(2);
    assertThat(statements(effects)).singleElement().matches(it -> it.covers(token));
  }

  @Test
  void aPeerThatIsGoneIsForgotten() {
    var token = one.commit(Cluster.set("k", "v")).token();
    two.hear(one, new Message.Ask(Cluster.MAIN, token));
    two.on(new Event.PeerDown(one.key));
    assertThat(statements(two.hear(one, one.last()))).isEmpty();
  }

  @Test
  void questionsOfEndlesslyManyPeersAreBounded() {
    var token = one.commit(Cluster.set("k", "v")).token();
    for (int i = 0; i < 5_000; i++) {
      var stranger = new KeyFingerprint(1_000 + i, 1);
      two.on(new Event.Arrived(stranger, List.of(new Message.Ask(Cluster.MAIN, token))));
    }
    assertThat(statements(two.hear(one, one.last()))).hasSize(4_096);
  }

  @Test
  void whatAPeerStatesIsPassedOn() {
    var token = one.commit(Cluster.set("k", "v")).token();
    cluster.deliverAll();
    two.hear(one, new Message.Ask(Cluster.MAIN, token));
    one.effects.clear();
    cluster.deliverAll();
    assertThat(one.effects)
        .filteredOn(Effect.Acknowledged.class::isInstance)
        .singleElement()
        .extracting(it -> ((Effect.Acknowledged) it).acknowledgement().acknowledgement().author())
        .isEqualTo(two.self());
  }

  private static List<Acknowledgement> statements(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Send.class::isInstance)
        .map(effect -> ((Effect.Send) effect).message())
        .filter(Message.Acknowledged.class::isInstance)
        .map(message -> ((Message.Acknowledged) message).acknowledgement().acknowledgement())
        .toList();
  }
}

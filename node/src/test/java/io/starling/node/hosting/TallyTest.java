package io.starling.node.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.ReplicaId;
import io.starling.node.identity.NodeKey;
import io.starling.node.member.Member;
import io.starling.node.space.Level;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.Token;
import java.util.List;
import org.junit.jupiter.api.Test;

class TallyTest {

  private static final Token TOKEN = new Token(new SpaceId(1, 1), List.of());

  private final Member two = member("two");
  private final Member three = member("three");

  @Test
  void whatIsStatedBeyondWhatWasAskedIsKeptAndNotCounted() {
    var tally = Tally.of(new Level.Members(1), List.of(two, three), "");
    tally.hear(statement(two));
    tally.hear(statement(three));
    assertThat(tally.isReached()).isTrue();
    assertThat(tally.summary()).isEqualTo("durable here and on 1 of 1 asked");
    assertThat(tally.heard()).hasSize(2);
  }

  @Test
  void whatOneStatesTwiceCountsOnceAndAStrangersWordNever() {
    var tally = Tally.of(new Level.All(), List.of(two, three), "");
    tally.hear(statement(two));
    tally.hear(statement(two));
    tally.hear(statement(member("stranger")));
    assertThat(tally.isReached()).isFalse();
    assertThat(tally.isMissing(two.key())).isFalse();
    assertThat(tally.isMissing(three.key())).isTrue();
    assertThat(tally.summary()).isEqualTo("durable here and on 1 of 2 asked");
  }

  private static Member member(String name) {
    return new Member(NodeKey.generate().fingerprint(), name, "", "", List.of());
  }

  private static Tally.Heard statement(Member member) {
    var author = new ReplicaId(member.key(), 1);
    var statement =
        new Acknowledgement(TOKEN.space(), author, Acknowledgement.hash(TOKEN), 1_700_000_000_000L);
    var signature = new byte[SignedBatch.SIGNATURE_BYTES];
    return new Tally.Heard(
        TOKEN, new SignedAcknowledgement(statement, statement.toBytes(), signature));
  }
}

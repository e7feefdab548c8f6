package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.replica.Cluster.Member;
import io.starling.replica.message.Message;
import io.starling.replica.message.Transfer;
import java.util.List;
import org.junit.jupiter.api.Test;

/// States that wait for a third member to confirm them: who is asked, whose answer counts, when one
/// is left for a later one, and when an operator hears of it.
///
/// Members are linked one by one: each has applied what it is to have before.
class ConfirmationTest {

  private final Cluster cluster = new Cluster(6);
  private final Member joiner = cluster.member(0);
  private final Member donor = cluster.member(1);
  private final Member two = cluster.member(2);

  /// Else a batch that is at hand would be taken for one of another branch.
  @Test
  void whatIsAtHandIsNamedByItsOwnHash() {
    begin(donor, two);
    meet(donor, two);
    two.forgery = ConfirmationTest::withoutBatches;
    meet(joiner, donor);
    while (sent(donor, Transfer.Offer.class).isEmpty()) {
      cluster.step();
    }
    donor.commit(Cluster.set("later", "v"));
    two.commit(Cluster.set("missing", "v"));
    // It must have been applied before the question comes.
    two.hear(donor, donor.last());
    meet(joiner, two);
    cluster.rounds(2);
    var heads =
        sent(joiner, Transfer.Fetch.class).stream()
            .map(Transfer.Fetch.class::cast)
            .flatMap(fetch -> fetch.beyond().heads().stream())
            .filter(head -> head.seq() == donor.last().batch().seq())
            .filter(head -> head.replica().equals(donor.self()))
            .toList();
    assertThat(heads).isNotEmpty().allMatch(head -> head.matches(donor.last().hash()));
  }

  /// Parts all, gives these the same state, of which they have kept no batches.
  private void begin(Member... having) {
    for (var a : cluster.members) {
      for (var b : cluster.members) {
        if (a != b) {
          a.on(new Event.PeerDown(b.key));
        }
      }
    }
    cluster.loseAll();
    for (int i = 0; i < 20; i++) {
      having[0].commit(Cluster.set("k/" + i, "v" + i));
    }
    for (var other : List.of(having).subList(1, having.length)) {
      take(other, having[0]);
    }
    for (var member : having) {
      member.loseLog();
    }
  }

  private static void take(Member member, Member from) {
    from.applied().forEach(batch -> member.hear(from, batch));
  }

  private static void meet(Member a, Member b) {
    a.on(new Event.PeerUp(b.key));
    b.on(new Event.PeerUp(a.key));
  }

  private static List<Transfer> sent(Member member, Class<? extends Transfer> kind) {
    return member.sent(Message.Transferred.class).stream()
        .map(Message.Transferred::transfer)
        .filter(kind::isInstance)
        .toList();
  }

  private static Message withoutBatches(Message message) {
    return message instanceof Message.Batches
        ? new Message.Batches(Cluster.MAIN, List.of(), Message.Part.LAST)
        : message;
  }
}

package io.starling.replica.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Example;

/// What follows from who hosts a space, for hosts and for others.
class HostsTest {

  private static final SpaceId SPACE = new SpaceId(1, 2);
  private static final KeyFingerprint HOST = new KeyFingerprint(1, 1);
  private static final KeyFingerprint OTHER_HOST = new KeyFingerprint(2, 2);
  private static final KeyFingerprint NO_HOST = new KeyFingerprint(3, 3);
  private static final Hosts HOSTS = List.of(HOST, OTHER_HOST)::contains;
  private static final Token NOTHING = new Token(SPACE, List.of());
  private static final Token SOMETHING =
      new Token(SPACE, List.of(new Token.Prefix(new ReplicaId(NO_HOST, 7), 1, 99)));

  @Example
  void whatIsInASpaceGoesToItsHostsAlone() {
    var batches = new Message.Batches(SPACE, List.of(), Message.Part.FRESH);
    assertThat(HOSTS.letsOut(HOST, OTHER_HOST, batches)).isTrue();
    assertThat(HOSTS.letsOut(NO_HOST, HOST, batches)).isTrue();
    assertThat(HOSTS.letsOut(HOST, NO_HOST, batches)).isFalse();
  }

  @Example
  void questionsAndRefusalsGoToAnybody() {
    var refused = new Transfer.Refused(Transfer.Reason.values()[0], "no");
    var questions =
        List.of(
            new Message.Pull(SPACE, NOTHING),
            new Message.Ask(SPACE, NOTHING),
            new Message.Transferred(SPACE, 1, new Transfer.Ask(List.of(), false)),
            new Message.Transferred(SPACE, 1, refused));
    assertThat(questions).allMatch(it -> HOSTS.letsOut(HOST, NO_HOST, it));
    assertThat(questions).allMatch(it -> HOSTS.letsOut(NO_HOST, HOST, it));
  }

  @Example
  void onlyAHostAcknowledgesAndToAnybody() {
    var statement =
        new Acknowledgement(SPACE, new ReplicaId(HOST, 7), Acknowledgement.hash(NOTHING), 5);
    var signed =
        new Message.Acknowledged(
            new SignedAcknowledgement(statement, statement.toBytes(), new byte[64]));
    assertThat(HOSTS.letsOut(HOST, NO_HOST, signed)).isTrue();
    assertThat(HOSTS.letsOut(NO_HOST, HOST, signed)).isFalse();
  }

  @Example
  void whoHasSomethingKeepsItOpen() {
    assertThat(HOSTS.isOpenAt(HOST, false)).isTrue();
    assertThat(HOSTS.isOpenAt(NO_HOST, true)).isTrue();
    assertThat(HOSTS.isOpenAt(NO_HOST, false)).isFalse();
  }

  @Example
  void allThatIsHereIsWithAHostBeforeItIsGivenUp() {
    assertThat(HOSTS.mayGiveUp(NO_HOST, Optional.of(SOMETHING), SOMETHING, true)).isTrue();
    assertThat(HOSTS.mayGiveUp(NO_HOST, Optional.of(NOTHING), SOMETHING, true)).isFalse();
    assertThat(HOSTS.mayGiveUp(NO_HOST, Optional.empty(), NOTHING, true)).isFalse();
    assertThat(HOSTS.mayGiveUp(NO_HOST, Optional.of(SOMETHING), SOMETHING, false)).isFalse();
    assertThat(HOSTS.mayGiveUp(HOST, Optional.of(SOMETHING), SOMETHING, true)).isFalse();
  }
}

package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.CellDigest;
import io.starling.node.identity.PeerAddress;
import io.starling.node.transport.Flock.Bird;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Beacon;
import io.starling.replica.message.Message;
import io.starling.replica.message.Message.Part;
import io.starling.replica.message.SignedBeacon;
import io.starling.replica.message.Token;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PeerTransportTest {

  @TempDir private Path root;
  private Flock flock;
  private Bird alpha;
  private Bird beta;

  @BeforeEach
  void join() throws Exception {
    flock = new Flock(root, "flock");
    alpha = flock.join("alpha");
    beta = flock.join("beta");
  }

  @AfterEach
  void stop() {
    flock.close();
  }

  @Test
  void everyMessageArrivesAsItWasSent() throws Exception {
    linkBothWays();
    var batches = new Message.Batches(alpha.main, List.of(alpha.write(10)), Part.MORE);
    var beacon = new Message.Announcement(beacon(alpha));
    var pull = new Message.Pull(alpha.main, new Token(alpha.main, List.of()));
    var behind = new Message.Behind(alpha.main, replica(beta), 7);
    for (var message : List.of(batches, beacon, pull, behind)) {
      alpha.send(beta, message);
    }
    await().until(() -> beta.inbox.messages().size() == 4);
    assertThat(beta.inbox.messages()).filteredOn(Message.Pull.class::isInstance).contains(pull);
    assertThat(beta.inbox.messages()).filteredOn(Message.Behind.class::isInstance).contains(behind);
    var got = beta.inbox.batches().getFirst();
    assertThat(got.body()).isEqualTo(batches.batches().getFirst().body());
    assertThat(got.signature()).isEqualTo(batches.batches().getFirst().signature());
    assertThat(got.hash()).isEqualTo(batches.batches().getFirst().hash());
    var announced =
        beta.inbox.messages().stream()
            .filter(Message.Announcement.class::isInstance)
            .map(message -> ((Message.Announcement) message).beacon().beacon())
            .toList();
    assertThat(announced).containsExactly(beacon.beacon().beacon());
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 600_000})
  void theHalvesOfAProofArriveTogetherWhereTheyFitAFrameAndElseOneByOne(int bytes)
      throws Exception {
    linkBothWays();
    var one = new Bird(alpha.identity, alpha.roster).write(bytes);
    var other = new Bird(alpha.identity, alpha.roster).write(bytes + 1);
    var held = new TreeSet<>(List.of(ForkProof.of(one, other).orElseThrow().place()));
    alpha.send(beta, new Message.Evidence(alpha.main, List.of(one, other), held, false));
    await().until(() -> halves().size() == 2);
    assertThat(halves()).extracting(SignedBatch::hash).containsExactly(one.hash(), other.hash());
    assertThat(evidence()).allMatch(it -> it.held().equals(held)).hasSize(bytes == 10 ? 1 : 2);
    assertThat(evidence()).filteredOn(it -> !it.isAnswer()).as("answered once").hasSize(1);
  }

  private List<Message.Evidence> evidence() {
    return beta.inbox.messages().stream()
        .filter(Message.Evidence.class::isInstance)
        .map(Message.Evidence.class::cast)
        .toList();
  }

  private List<SignedBatch> halves() {
    return evidence().stream().flatMap(it -> it.halves().stream()).toList();
  }

  @Test
  void halvesThatNobodySignedAreHeldAgainstTheirSender() throws Exception {
    linkBothWays();
    var one = alpha.write(10);
    var forged =
        new SignedBatch(one.batch(), one.hash(), one.body(), new byte[SignedBatch.SIGNATURE_BYTES]);
    alpha.send(beta, new Message.Evidence(alpha.main, List.of(forged), new TreeSet<>(), false));
    await().until(() -> !beta.alarms.isEmpty());
    assertThat(beta.alarms.peek()).contains("INVALID_BATCH", "bad signature");
    assertThat(evidence()).isEmpty();
  }

  @Test
  void oneEndsDiallingIsEnoughForBoth() throws Exception {
    alpha.start();
    beta.start(alpha.address());
    await().until(() -> alpha.isLinked(beta) && beta.isLinked(alpha));
    alpha.send(beta, fresh(alpha.write(10)));
    beta.send(alpha, fresh(beta.write(10)));
    await().until(() -> alpha.inbox.batches().size() == 1 && beta.inbox.batches().size() == 1);
    var connection = alpha.traffic(beta).connection();
    assertThat(connection.isAccepted()).isTrue();
    assertThat(connection.isDialled()).isFalse();
    assertThat(connection.since()).isPresent();
    await().until(() -> beta.traffic(alpha).connection().roundTrip().isPresent());
  }

  @Test
  void aRestartedPeerIsDialledAgain() throws Exception {
    alpha.start();
    var address = alpha.address();
    beta.start(address);
    await().until(() -> beta.isLinked(alpha));
    alpha.stop();
    await().until(() -> !beta.isLinked(alpha));
    beta.send(alpha, fresh(beta.write(10)));
    assertThat(beta.traffic(alpha).losses().unsent()).isEqualTo(1);

    alpha.start(address.port(), Flock.QUICK);
    await().until(() -> beta.isLinked(alpha) && alpha.isLinked(beta));
    beta.send(alpha, fresh(beta.write(10)));
    await().until(() -> alpha.inbox.batches().size() == 1);
  }

  @Test
  void whenTheDialledStreamIsLostTheOtherOneServes() throws Exception {
    linkBothWays();
    await()
        .until(() ->
            alpha.traffic(beta).connection().isDialled()
                && alpha.traffic(beta).connection().isAccepted());
    var address = alpha.address();
    // A node of alpha's key and port that dials nobody.
    alpha.stop();
    alpha.start(address.port(), Flock.QUICK);
    await().until(() -> alpha.isLinked(beta));
    assertThat(alpha.traffic(beta).connection().isDialled()).isFalse();
    alpha.send(beta, fresh(alpha.write(10)));
    await().until(() -> beta.inbox.batches().size() == 1);
  }

  @Test
  void aRelayedBatchIsVerifiedByItsOriginsKey() throws Exception {
    var gamma = flock.join("gamma");
    alpha.start();
    beta.start(alpha.address());
    await().until(() -> beta.isLinked(alpha));
    gamma.start(beta.address());
    await().until(() -> gamma.isLinked(beta));
    assertThat(gamma.isLinked(alpha)).isFalse();

    beta.send(gamma, fresh(alpha.write(10)));
    await().until(() -> gamma.inbox.batches().size() == 1);
    assertThat(gamma.roster.find(alpha.identity.fingerprint())).isPresent();
    assertThat(gamma.traffic(beta).verification().signatures()).isEqualTo(1);
  }

  @Test
  void whoDialsTellsOfCertificatesOnceItKnowsWhomItHasReached() throws Exception {
    var gamma = flock.join("gamma").identity;
    alpha.roster.learn(gamma.certificate());
    beta.start();
    alpha.start(beta.address());
    await().until(() -> beta.roster.find(gamma.fingerprint()).isPresent());
  }

  @Test
  void theCertificateOfAnUnknownOriginIsAskedFor() throws Exception {
    linkBothWays();
    var late = flock.join("late");
    beta.roster.learn(late.identity.certificate());
    var batch = late.write(10);
    beta.send(alpha, fresh(batch));
    await().until(() -> alpha.roster.find(late.identity.fingerprint()).isPresent());
    assertThat(alpha.inbox.batches()).isEmpty();
    assertThat(alpha.traffic(beta).losses().unknownOrigin()).isEqualTo(1);
    assertThat(alpha.traffic(beta).losses().invalid()).isZero();
    beta.send(alpha, fresh(batch));
    await().until(() -> alpha.inbox.batches().size() == 1);
  }

  @Test
  void aBadSignatureIsDroppedAndItsSenderShutOutInTheEnd() throws Exception {
    linkBothWays();
    var good = beta.write(10);
    var bad = badlySigned(beta.write(10));
    beta.send(alpha, new Message.Batches(beta.main, List.of(good, bad, good), Part.LAST));
    await().until(() -> alpha.traffic(beta).losses().invalid() == 1);
    // Up to the first bad one; and what is left of an answer must not pass for all of it.
    assertThat(alpha.inbox.batches()).hasSize(1);
    assertThat(((Message.Batches) alpha.inbox.messages().getFirst()).part()).isEqualTo(Part.FRESH);
    assertThat(alpha.alarms).anyMatch(alarm -> alarm.contains("INVALID_BATCH"));
    assertThat(alpha.isLinked(beta)).isTrue();

    beta.send(alpha, fresh(bad));
    beta.send(alpha, fresh(bad));
    await().until(() -> !alpha.isLinked(beta));
    await().until(() -> alpha.transport().refusals().get(Refusal.SHUT_OUT) > 0);
    assertThat(alpha.inbox.batches()).hasSize(1);
    // And it is heard again when its time is over.
    await().until(() -> alpha.isLinked(beta));
  }

  @Test
  void aBeaconOfAnothersNameIsDropped() throws Exception {
    linkBothWays();
    var forged = beacon(alpha, beta);
    beta.send(alpha, new Message.Announcement(forged));
    await().until(() -> alpha.traffic(beta).losses().invalid() == 1);
    assertThat(alpha.inbox.messages()).isEmpty();
  }

  @Test
  void whatIsForAnUnknownSpaceIsDroppedWithoutBlame() throws Exception {
    linkBothWays();
    alpha.inbox.spaces.clear();
    beta.send(alpha, fresh(beta.write(10)));
    beta.send(alpha, new Message.Pull(beta.main, new Token(beta.main, List.of())));
    await().until(() -> alpha.traffic(beta).losses().unknownSpace() == 2);
    assertThat(alpha.inbox.messages()).isEmpty();
    assertThat(alpha.traffic(beta).losses().invalid()).isZero();
    assertThat(alpha.traffic(beta).verification().signatures()).isZero();
  }

  @Test
  void aBatchForAnotherSpaceThanItsFrameIsAFault() throws Exception {
    linkBothWays();
    var other = SpaceId.of(alpha.identity.cluster(), "other", 0);
    alpha.inbox.spaces.add(other);
    beta.send(alpha, new Message.Batches(other, List.of(beta.write(10)), Part.FRESH));
    await().until(() -> alpha.traffic(beta).losses().invalid() == 1);
    assertThat(alpha.inbox.messages()).isEmpty();
  }

  @Test
  void theLargestBatchFitsAndLongAnswersAreSplit() throws Exception {
    linkBothWays();
    var batches = new ArrayList<SignedBatch>();
    for (int i = 0; i < 5; i++) {
      batches.add(alpha.write(400_000));
    }
    alpha.send(beta, new Message.Batches(alpha.main, batches, Part.LAST));
    await().until(() -> beta.inbox.batches().size() == batches.size());
    var parts = beta.inbox.messages().stream().map(m -> ((Message.Batches) m).part()).toList();
    // In any order: one stream may take over from another between two frames.
    assertThat(parts)
        .containsExactlyInAnyOrder(Part.FRESH, Part.FRESH, Part.FRESH, Part.FRESH, Part.LAST);
  }

  @Test
  void aLongAnswerOfSmallBatchesComesInPiecesThatAThinLinkBringsInASecond() throws Exception {
    linkBothWays();
    var batches = new ArrayList<SignedBatch>();
    for (int i = 0; i < 600; i++) {
      batches.add(alpha.write(1_000));
    }
    alpha.send(beta, new Message.Batches(alpha.main, batches, Part.MORE));
    await().until(() -> beta.inbox.batches().size() == batches.size());
    for (var message : beta.inbox.messages()) {
      var piece = ((Message.Batches) message).batches();
      assertThat(piece.stream().mapToInt(SignedBatch::bytes).sum()).isBetween(1, 64 * 1024);
    }
    assertThat(beta.inbox.messages()).hasSizeBetween(10, 13);
  }

  @Test
  void aSlowPeerIsBoundedAndBlocksNobody() throws Exception {
    var gamma = flock.join("gamma");
    alpha.start();
    beta.start(alpha.address());
    gamma.start(alpha.address());
    await().until(() -> alpha.isLinked(beta) && alpha.isLinked(gamma));
    beta.inbox.stand();
    int sent = 200;
    for (int i = 0; i < sent; i++) {
      var message = fresh(alpha.write(100_000));
      alpha.send(beta, message);
      int before = i;
      alpha.send(gamma, message);
      await().until(() -> gamma.inbox.batches().size() > before);
    }
    var traffic = alpha.traffic(beta);
    assertThat(traffic.losses().unsent()).isPositive();
    assertThat(traffic.connection().queuedBytes()).isLessThanOrEqualTo(Flock.QUICK.queue().bytes());

    beta.inbox.goOn();
    await().until(() -> alpha.traffic(beta).connection().queuedBytes() == 0);
    await()
        .until(() -> beta.inbox.batches().size() + alpha.traffic(beta).losses().unsent() == sent);
    // What came is what was sent first, without a gap.
    var seqs = beta.inbox.batches().stream().map(batch -> batch.batch().seq()).toList();
    for (int i = 0; i < seqs.size(); i++) {
      assertThat(seqs.get(i)).isEqualTo(i + 1);
    }
    alpha.send(beta, fresh(alpha.write(10)));
    await().until(() -> beta.inbox.batches().size() == seqs.size() + 1);
  }

  @Test
  void manyBatchesGoOneFrameEachAndInOrder() throws Exception {
    alpha.start(0, TransportLimits.DEFAULT);
    beta.start(0, TransportLimits.DEFAULT, alpha.address());
    await().until(() -> alpha.isLinked(beta));
    int count = 3_000;
    for (int i = 0; i < count; i++) {
      alpha.send(beta, fresh(alpha.write(100)));
    }
    await().until(() -> beta.inbox.batches().size() == count);
    assertThat(beta.inbox.batches()).isSortedAccordingTo(bySeq());
    var out = Objects.requireNonNull(alpha.traffic(beta).out().get(FrameKind.BATCHES));
    var in = Objects.requireNonNull(beta.traffic(alpha).in().get(FrameKind.BATCHES));
    assertThat(out.frames()).isEqualTo(count);
    assertThat(in).isEqualTo(out);
    // 64 bytes of signature, 16 of the space, and a little framing.
    long bodies = beta.inbox.batches().stream().mapToLong(batch -> batch.body().length).sum();
    assertThat(out.bytes()).isLessThan(bodies + count * 110L);
    assertThat(beta.traffic(alpha).verification().signatures()).isEqualTo(count);
  }

  @Test
  void aNodeThatDialsItselfNoticesAndStops() throws Exception {
    var port = freePort();
    alpha.start(port, Flock.QUICK, new PeerAddress("127.0.0.1", port));
    beta.start(alpha.address());
    await().until(() -> alpha.isLinked(beta));
    await().until(() -> alpha.transport().dialled().isEmpty());
    assertThat(alpha.transport().traffic()).hasSize(1);
    assertThat(alpha.transport().refusals().get(Refusal.OWN_KEY)).isZero();
  }

  @Test
  void anotherProcessWithTheOwnKeyIsRefusedAndNamed() throws Exception {
    alpha.start();
    var copy = new Bird(alpha.identity, alpha.roster);
    copy.start(alpha.address());
    try {
      await().until(() -> alpha.transport().refusals().get(Refusal.OWN_KEY) > 0);
      assertThat(copy.transport().traffic()).isEmpty();
    } finally {
      copy.stop();
    }
  }

  @Test
  void twoAddressesOfOnePeerMakeOneLink() throws Exception {
    alpha.start();
    beta.start(alpha.address(), new PeerAddress("localhost", alpha.address().port()));
    await().until(() -> beta.isLinked(alpha));
    assertThat(beta.transport().traffic()).hasSize(1);
    int count = 50;
    for (int i = 1; i <= count; i++) {
      int sent = i;
      beta.send(alpha, fresh(beta.write(10)));
      await().until(() -> alpha.inbox.batches().size() == sent);
    }
    assertThat(beta.isLinked(alpha)).isTrue();
    assertThat(beta.traffic(alpha).losses().unsent()).isZero();
  }

  @Test
  void aPortInUseIsSaid() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> alpha.start(taken.getLocalPort(), Flock.QUICK))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(String.valueOf(taken.getLocalPort()));
    }
  }

  private void linkBothWays() throws IOException {
    int port = freePort();
    alpha.start(0, Flock.QUICK, new PeerAddress("127.0.0.1", port));
    beta.start(port, Flock.QUICK, alpha.address());
    await().until(() -> alpha.isLinked(beta) && beta.isLinked(alpha));
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Message fresh(SignedBatch batch) {
    return new Message.Batches(batch.batch().space(), List.of(batch), Part.FRESH);
  }

  private static SignedBatch badlySigned(SignedBatch batch) {
    var signature = batch.signature().clone();
    signature[40] ^= 1;
    return new SignedBatch(batch.batch(), batch.hash(), batch.body(), signature);
  }

  private static SignedBeacon beacon(Bird author) {
    return beacon(author, author);
  }

  private static SignedBeacon beacon(Bird author, Bird signer) {
    var digest = new CellDigest(1, 2);
    var head = new Beacon.OwnHead(0, ChainHash.ROOT);
    var time = new HybridTime(5);
    var beacon =
        new Beacon(author.main, replica(author), head, List.of(), digest, digest, 0, time, 5);
    var body = beacon.toBytes();
    var signed = SigningDomain.beacon(author.identity.cluster(), author.main, body);
    return new SignedBeacon(beacon, body, signer.identity.key().sign(signed));
  }

  private static ReplicaId replica(Bird bird) {
    return new ReplicaId(bird.identity.fingerprint(), 1);
  }

  private static Comparator<SignedBatch> bySeq() {
    return Comparator.comparingLong(batch -> batch.batch().seq());
  }
}

package io.starling.node.transport;

import com.google.protobuf.ByteString;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.identity.NodeCertificate;
import io.starling.node.identity.Roster;
import io.starling.node.identity.SignedRevocation;
import io.starling.node.peer.SpaceInbox;
import io.starling.proto.peer.v1.Ask;
import io.starling.proto.peer.v1.Batches;
import io.starling.proto.peer.v1.Behind;
import io.starling.proto.peer.v1.Dismissal;
import io.starling.proto.peer.v1.Pull;
import io.starling.replica.Effect;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Beacon;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.SignedBeacon;
import io.starling.replica.message.Token;
import io.starling.replica.message.TransferEncoding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/// The checks between the network and the engine, off the engine's loop: cheap ones first (lengths,
/// known space, form, known origin), then signatures, up to the first that is bad. What passes goes
/// to the inbox; what does not is counted. Safe to use from any thread; the caller keeps the order
/// of one stream.
///
/// What the space has applied already is verified again all the same: were it passed over unread, a
/// second batch of the same seq would be too, and a fork would leave no evidence.
final class Intake {

  private final ClusterId cluster;
  private final Roster roster;
  private final SpaceInbox inbox;
  private final PeerAlarms alarms;
  private final Consumer<Duration> verified;

  Intake(
      ClusterId cluster,
      Roster roster,
      SpaceInbox inbox,
      PeerAlarms alarms,
      Consumer<Duration> verified) {
    this.cluster = cluster;
    this.roster = roster;
    this.inbox = inbox;
    this.alarms = alarms;
    this.verified = verified;
  }

  /// What became of a frame.
  ///
  /// @param fault why no correct peer sends such a frame; empty if it was fine
  /// @param unknown signers whose certificates are missing
  record Outcome(Optional<String> fault, TreeSet<KeyFingerprint> unknown) {

    static Outcome fine() {
      return new Outcome(Optional.empty(), new TreeSet<>());
    }

    static Outcome unknown(KeyFingerprint signer) {
      var outcome = fine();
      outcome.unknown.add(signer);
      return outcome;
    }
  }

  Outcome batches(Link link, Batches frame) throws MalformedException {
    var space = FrameEncoding.space(frame.getSpace());
    if (isUnknown(space, link)) {
      return Outcome.fine();
    }
    var reading = new Reading(space, link.counters());
    Optional<String> fault = Optional.empty();
    for (var batch : frame.getBatchesList()) {
      fault = reading.add(batch);
      if (fault.isPresent()) {
        alarm(space, link, fault.get());
        break;
      }
    }
    // An answer of which something was left out must not pass for the whole.
    var part = reading.isWhole ? FrameEncoding.part(frame.getPart()) : Message.Part.FRESH;
    if (!reading.verified.isEmpty() || part != Message.Part.FRESH) {
      handOver(link, new Message.Batches(space, reading.verified, part));
    }
    return new Outcome(fault, reading.unknown);
  }

  Outcome beacon(Link link, io.starling.proto.peer.v1.Beacon frame) throws MalformedException {
    var body = frame.getBody().toByteArray();
    var beacon = Beacon.fromBytes(body);
    if (isUnknown(beacon.space(), link)) {
      return Outcome.fine();
    }
    var author = roster.find(beacon.author().key());
    if (author.isEmpty()) {
      link.counters().unknownOrigin.increment();
      return Outcome.unknown(beacon.author().key());
    }
    var signature = frame.getSignature().toByteArray();
    var signed = SigningDomain.beacon(cluster, beacon.space(), body);
    if (!verify(author.get(), signed, signature, link.counters())) {
      var fault = "a beacon of " + beacon.author() + " with a bad signature";
      alarm(beacon.space(), link, fault);
      return new Outcome(Optional.of(fault), new TreeSet<>());
    }
    handOver(link, new Message.Announcement(new SignedBeacon(beacon, body, signature)));
    return Outcome.fine();
  }

  Outcome pull(Link link, Pull frame) throws MalformedException {
    var space = FrameEncoding.space(frame.getSpace());
    var token = Token.fromBytes(frame.getToken().toByteArray());
    if (!token.space().equals(space)) {
      throw new MalformedException("a pull for one space with the token of another");
    }
    if (!isUnknown(space, link)) {
      handOver(link, new Message.Pull(space, token));
    }
    return Outcome.fine();
  }

  Outcome behind(Link link, Behind frame) throws MalformedException {
    var space = FrameEncoding.space(frame.getSpace());
    var in = new Decoder(frame.getReplica().toByteArray());
    var replica = in.replica();
    in.finish();
    if (frame.getFirst() < 1) {
      throw new MalformedException("a log that begins before 1");
    }
    if (!isUnknown(space, link)) {
      handOver(link, new Message.Behind(space, replica, frame.getFirst()));
    }
    return Outcome.fine();
  }

  Outcome ask(Link link, Ask frame) throws MalformedException {
    var space = FrameEncoding.space(frame.getSpace());
    var token = Token.fromBytes(frame.getToken().toByteArray());
    if (!token.space().equals(space)) {
      throw new MalformedException("a question about one space with the token of another");
    }
    if (!isUnknown(space, link)) {
      handOver(link, new Message.Ask(space, token));
    }
    return Outcome.fine();
  }

  Outcome transfer(Link link, io.starling.proto.peer.v1.Transfer frame) throws MalformedException {
    var space = FrameEncoding.space(frame.getSpace());
    var transfer = TransferEncoding.decode(frame.getBody().toByteArray());
    if (!isUnknown(space, link)) {
      handOver(link, new Message.Transferred(space, frame.getSession(), transfer));
    }
    return Outcome.fine();
  }

  Outcome evidence(Link link, io.starling.proto.peer.v1.Evidence frame) throws MalformedException {
    var space = FrameEncoding.space(frame.getSpace());
    var held = FrameEncoding.places(space, frame.getHeldList());
    if (frame.getHalvesCount() > Message.Evidence.HALVES_MAX) {
      throw new MalformedException("a proof with " + frame.getHalvesCount() + " halves");
    }
    if (isUnknown(space, link)) {
      return Outcome.fine();
    }
    var reading = new Reading(space, link.counters());
    for (var half : frame.getHalvesList()) {
      var fault = reading.add(half);
      if (fault.isPresent()) {
        alarm(space, link, fault.get());
        return new Outcome(fault, reading.unknown);
      }
    }
    handOver(link, new Message.Evidence(space, reading.verified, held, frame.getAnswer()));
    return new Outcome(Optional.empty(), reading.unknown);
  }

  Outcome dismissal(Dismissal frame) throws MalformedException {
    if (frame.getStatement().size() > SignedRevocation.BYTES_MAX) {
      throw new MalformedException("a revocation of " + frame.getStatement().size() + " bytes");
    }
    inbox.dismissed(frame.getStatement().toByteArray());
    return Outcome.fine();
  }

  Outcome acknowledgement(Link link, io.starling.proto.peer.v1.Acknowledgement frame)
      throws MalformedException {
    var body = frame.getBody().toByteArray();
    var acknowledgement = Acknowledgement.fromBytes(body);
    if (isUnknown(acknowledgement.space(), link)) {
      return Outcome.fine();
    }
    var author = roster.find(acknowledgement.author().key());
    if (author.isEmpty()) {
      link.counters().unknownOrigin.increment();
      return Outcome.unknown(acknowledgement.author().key());
    }
    var signature = frame.getSignature().toByteArray();
    var signed = SigningDomain.acknowledgement(cluster, acknowledgement.space(), body);
    if (!verify(author.get(), signed, signature, link.counters())) {
      var fault = "an acknowledgement of " + acknowledgement.author() + " with a bad signature";
      alarm(acknowledgement.space(), link, fault);
      return new Outcome(Optional.of(fault), new TreeSet<>());
    }
    handOver(
        link,
        new Message.Acknowledged(new SignedAcknowledgement(acknowledgement, body, signature)));
    return Outcome.fine();
  }

  /// The batches of one frame that have passed so far.
  private final class Reading {

    private final SpaceId space;
    private final PeerCounters counters;
    private final List<SignedBatch> verified = new ArrayList<>();
    private final TreeSet<KeyFingerprint> unknown = new TreeSet<>();
    private boolean isWhole = true;

    Reading(SpaceId space, PeerCounters counters) {
      this.space = space;
      this.counters = counters;
    }

    /// Reads a further one.
    ///
    /// @return what is wrong with it; empty if it was taken, or left out through no fault
    Optional<String> add(io.starling.proto.peer.v1.SignedBatch batch) {
      if (batch.getBody().size() > Limits.BATCH_BYTES_MAX
          || batch.getSignature().size() != SignedBatch.SIGNATURE_BYTES) {
        isWhole = false;
        return Optional.of("a batch or a signature of a wrong length");
      }
      var body = batch.getBody().toByteArray();
      return switch (BatchEncoding.decode(body)) {
        case BatchEncoding.Decoded.Read(var content) ->
            add(new SignedBatch(content, ChainHash.of(body), body, bytes(batch.getSignature())));
        case BatchEncoding.Decoded.Newer(int format) -> {
          counters.newerFormat.increment();
          isWhole = false;
          alarms.raise(
              space, Effect.Kind.NEWER_FORMAT, "a batch of format " + format + " waits elsewhere");
          yield Optional.empty();
        }
        case BatchEncoding.Decoded.Malformed(var reason) -> {
          isWhole = false;
          yield Optional.of("a malformed batch: " + reason);
        }
      };
    }

    private Optional<String> add(SignedBatch batch) {
      var replica = batch.batch().replica();
      if (!batch.batch().space().equals(space)) {
        isWhole = false;
        return Optional.of("a batch of " + replica + " for another space than its frame");
      }
      var origin = roster.find(replica.key());
      if (origin.isEmpty()) {
        isWhole = false;
        counters.unknownOrigin.increment();
        unknown.add(replica.key());
        return Optional.empty();
      }
      var signed = SigningDomain.batch(cluster, space, batch.body());
      if (!verify(origin.get(), signed, batch.signature(), counters)) {
        isWhole = false;
        return Optional.of(
            "batch " + batch.batch().seq() + " of " + replica + " with a bad signature");
      }
      verified.add(batch);
      return Optional.empty();
    }
  }

  private boolean verify(
      NodeCertificate signer, byte[] message, byte[] signature, PeerCounters counters) {
    long start = System.nanoTime();
    boolean isGood = signer.key().verify(message, signature);
    long took = System.nanoTime() - start;
    counters.verifyNanos.add(took);
    counters.signatures.increment();
    verified.accept(Duration.ofNanos(took));
    return isGood;
  }

  /// A space may have been created elsewhere just now: no fault.
  private boolean isUnknown(SpaceId space, Link link) {
    boolean isUnknown = inbox.applied(space).isEmpty();
    if (isUnknown) {
      link.counters().unknownSpace.increment();
    }
    return isUnknown;
  }

  private void handOver(Link link, Message message) {
    if (!inbox.arrived(link.key(), List.of(message))) {
      link.counters().notTaken.increment();
    }
  }

  private void alarm(SpaceId space, Link link, String fault) {
    alarms.raise(space, Effect.Kind.INVALID_BATCH, "peer " + link.who() + " sent " + fault);
  }

  private static byte[] bytes(ByteString bytes) {
    return bytes.toByteArray();
  }
}

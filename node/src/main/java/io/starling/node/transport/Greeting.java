package io.starling.node.transport;

import com.google.protobuf.ByteString;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.NodeCertificate;
import io.starling.node.identity.Roster;
import io.starling.proto.peer.v1.Frame;
import io.starling.proto.peer.v1.Hello;
import io.starling.replica.batch.ClusterId;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hellos: what is said first, and how certificates get about. Safe to use from any thread.
final class Greeting {

  private static final Logger LOG = LoggerFactory.getLogger(Greeting.class);
  private static final int VERSION_MIN = 1;
  private static final int VERSION_MAX = 1;
  private static final int PROCESS_BYTES = 8;

  private final ClusterId cluster;
  private final Roster roster;
  private final ByteString process;

  Greeting(ClusterId cluster, Roster roster) {
    this.cluster = cluster;
    this.roster = roster;
    var random = new byte[PROCESS_BYTES];
    new SecureRandom().nextBytes(random);
    this.process = ByteString.copyFrom(random);
  }

  /// The first words on a stream, before it is known what the other end knows.
  Outgoing first() {
    return outgoing(hello());
  }

  /// The first words in answer to these, with certificates: one frame, or several.
  List<Outgoing> first(List<NodeCertificate> certificates) {
    return certificates.isEmpty() ? List.of(first()) : further(certificates);
  }

  /// Certificates: no frame if there are none, one, or several.
  List<Outgoing> further(List<NodeCertificate> certificates) {
    var frames = new ArrayList<Outgoing>();
    int step = TransportLimits.HELLO_ENTRIES_MAX;
    for (int at = 0; at < certificates.size(); at += step) {
      var hello = hello();
      certificates.subList(at, Math.min(at + step, certificates.size())).stream()
          .map(certificate -> FrameEncoding.wrap(certificate.bytes()))
          .forEach(hello::addCertificates);
      frames.add(outgoing(hello));
    }
    return frames;
  }

  /// Asks for certificates.
  Outgoing asking(Collection<KeyFingerprint> wanted) {
    var hello = hello();
    wanted.stream()
        .limit(TransportLimits.HELLO_ENTRIES_MAX)
        .map(key -> FrameEncoding.wrap(new Encoder().fingerprint(key).toBytes()))
        .forEach(hello::addWanted);
    return outgoing(hello);
  }

  /// The certificates that a Hello asks for and that are known; nothing if it asks for none.
  List<Outgoing> answer(Hello hello) throws MalformedException {
    var found = new ArrayList<NodeCertificate>();
    for (var wanted : hello.getWantedList()) {
      var in = new Decoder(wanted.toByteArray());
      var key = in.fingerprint();
      in.finish();
      roster.find(key).ifPresent(found::add);
    }
    return further(found);
  }

  /// Why the sender of a first Hello cannot be talked to; empty if it can.
  Optional<String> objection(Hello hello) {
    var ours = FrameEncoding.wrap(new Encoder().u64(cluster.high()).u64(cluster.low()).toBytes());
    if (!hello.getCluster().equals(ours)) {
      return Optional.of("it says it is of another cluster than " + cluster);
    }
    if (hello.getVersionMin() > VERSION_MAX || hello.getVersionMax() < VERSION_MIN) {
      return Optional.of(
          "it speaks versions "
              + Integer.toUnsignedString(hello.getVersionMin())
              + " to "
              + Integer.toUnsignedString(hello.getVersionMax())
              + " of the peer protocol, this node "
              + VERSION_MIN
              + " to "
              + VERSION_MAX
              + "; upgrade the older one");
    }
    return Optional.empty();
  }

  /// Whether a Hello comes from this very process.
  boolean isOwn(Hello hello) {
    return hello.getProcess().equals(process);
  }

  /// Keeps the certificates of a Hello.
  ///
  /// @return what is wrong with it; empty if nothing is
  Optional<String> learn(Hello hello) {
    if (hello.getCertificatesCount() > TransportLimits.HELLO_ENTRIES_MAX
        || hello.getWantedCount() > TransportLimits.HELLO_ENTRIES_MAX) {
      return Optional.of("a Hello with more entries than are allowed");
    }
    for (var certificate : hello.getCertificatesList()) {
      try {
        roster.learn(certificate.toByteArray());
      } catch (IdentityException refused) {
        return Optional.of("told of " + refused.getMessage());
      } catch (IOException unwritable) {
        LOG.error("a peer's certificate could not be kept on disk", unwritable);
      }
    }
    return Optional.empty();
  }

  private Hello.Builder hello() {
    return Hello.newBuilder()
        .setVersionMin(VERSION_MIN)
        .setVersionMax(VERSION_MAX)
        .setCluster(
            FrameEncoding.wrap(new Encoder().u64(cluster.high()).u64(cluster.low()).toBytes()))
        .setProcess(process);
  }

  private static Outgoing outgoing(Hello.Builder hello) {
    return new Outgoing(Frame.newBuilder().setHello(hello).build());
  }
}

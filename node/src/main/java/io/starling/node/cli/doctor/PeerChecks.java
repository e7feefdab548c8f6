package io.starling.node.cli.doctor;

import io.starling.node.cli.survey.Tls;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.NodeCertificate;
import io.starling.node.identity.NodeIdentity;
import io.starling.node.identity.PeerAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Whether a node's peers can be reached, by shaking hands with them as the node would.
final class PeerChecks {

  private static final String CHECK = "peer";

  private PeerChecks() {}

  static List<Finding> of(Installation node, NodeIdentity identity) throws IOException {
    var tls = Tls.asPeer(identity.peer());
    var findings = new ArrayList<Finding>();
    for (var peer : node.peers(identity.peers())) {
      findings.add(meet(tls, node, identity, peer));
    }
    return findings;
  }

  private static Finding meet(
      Tls tls, Installation node, NodeIdentity identity, PeerAddress address) {
    var subject = node.name() + " → " + address;
    try {
      var certificate = tls.meet(address.host(), address.port(), false);
      var peer = NodeCertificate.of(certificate, identity.authority());
      if (peer.fingerprint().equals(identity.fingerprint())) {
        return Finding.warn(
            CHECK, subject, "that is the node itself", "take the address out of 'peers'");
      }
      return Finding.ok(CHECK, subject, peer.name() + " answers");
    } catch (IdentityException foreign) {
      return Finding.fail(
          CHECK,
          subject,
          String.valueOf(foreign.getMessage()),
          "name the port that the peer serves peers on");
    } catch (IOException failed) {
      return Handshake.failed(CHECK, subject, failed, Verdict.WARN);
    }
  }
}

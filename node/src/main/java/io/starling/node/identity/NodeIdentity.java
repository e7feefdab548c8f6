package io.starling.node.identity;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.IdentityException.Reason;
import io.starling.replica.batch.ClusterId;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;

/// All that makes a node a member of a cluster, as its directory holds it.
///
/// The directory: `node-key.pem`, `peer-key.pem`, `api-key.pem` (0600) as [JoinRequest] made them,
/// `authority.pem` and `invitation.pem` as [Invitation] accepted them, `roster/` as peers told of
/// others.
///
/// @param key what it signs with
/// @param peer what it proves itself to peers with
/// @param api what it proves itself to clients with
/// @param authority the cluster's
/// @param certificate the node's own, towards peers
/// @param peers where to find others, as the invitation says
public record NodeIdentity(
    NodeKey key,
    Credentials peer,
    Credentials api,
    AuthorityCertificate authority,
    NodeCertificate certificate,
    List<PeerAddress> peers) {

  public NodeIdentity {
    peers = List.copyOf(peers);
  }

  /// Opens the identity of a node that has joined.
  ///
  /// An expired certificate is no reason to fail: the node still serves its own clients, and its
  /// peers refuse it until it has a new one.
  public static NodeIdentity open(Path directory) throws IOException, IdentityException {
    return of(NodeKeys.open(directory), Invitation.read(IdentityFiles.invitation(directory)));
  }

  /// What keys and an invitation for exactly these keys make together.
  static NodeIdentity of(NodeKeys keys, Invitation invitation) throws IdentityException {
    var node = invitation.node();
    if (!node.key().equals(keys.signing().verification())) {
      throw new IdentityException(
          Reason.WRONG_KEY,
          "a certificate for node key "
              + node.fingerprint()
              + ", and this node's key is "
              + keys.signing().fingerprint()
              + "; it was made from another node's request");
    }
    checkHolds(keys.peer(), node.certificate());
    checkHolds(keys.api(), invitation.api());
    var authority = invitation.authority();
    return new NodeIdentity(
        keys.signing(),
        credentials(keys.peer(), node.certificate(), authority),
        credentials(keys.api(), invitation.api(), authority),
        authority,
        node,
        invitation.peers());
  }

  public KeyFingerprint fingerprint() {
    return key.fingerprint();
  }

  public ClusterId cluster() {
    return authority.cluster();
  }

  private static void checkHolds(TransportKey key, X509Certificate certificate)
      throws IdentityException {
    if (!key.open().equals(certificate.getPublicKey())) {
      throw new IdentityException(
          Reason.WRONG_KEY,
          "a certificate for a transport key that this node does not hold; make a new join request");
    }
  }

  private static Credentials credentials(
      TransportKey key, X509Certificate certificate, AuthorityCertificate authority) {
    return new Credentials(key.secret(), List.of(certificate, authority.certificate()));
  }
}

package io.starling.node.identity;

import io.starling.node.identity.IdentityException.Reason;
import io.starling.replica.batch.ClusterId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The authority's answer to a [JoinRequest]: the second step of joining, made where the
/// authority's key is; accepting it on the node is the third.
///
/// One PEM file: the authority's certificate, the node's for peers, the node's for clients, and
/// before them a `peer:` line for each peer to dial. It holds no secret. Certificates protect
/// themselves; a forged peer line only leads to someone who cannot prove to be a member. What a
/// forger could do is replace the file whole and so lead the node into a cluster of his own:
/// compare the cluster id that accepting prints, or give the one expected.
///
/// @param node the node's certificate for peers
/// @param api the node's certificate for clients
/// @param peers where to dial
public record Invitation(
    AuthorityCertificate authority,
    NodeCertificate node,
    X509Certificate api,
    List<PeerAddress> peers) {

  private static final String PEER = "peer:";
  private static final int PEERS_MAX = 256;

  public Invitation {
    peers = List.copyOf(peers);
    if (peers.size() > PEERS_MAX) {
      throw new IllegalArgumentException(peers.size() + " peers, at most " + PEERS_MAX);
    }
  }

  /// Admits whoever made a request, for the usual time from now on.
  public static Invitation issue(Path authorityDirectory, Path request, List<PeerAddress> peers)
      throws IOException, IdentityException {
    return issue(authorityDirectory, request, peers, Validity.of(Instant.now(), Validity.NODE));
  }

  /// Admits whoever made a request, for a time.
  public static Invitation issue(
      Path authorityDirectory, Path request, List<PeerAddress> peers, Validity validity)
      throws IOException, IdentityException {
    var authority = Authority.open(authorityDirectory);
    var asked = JoinRequest.read(request);
    return new Invitation(
        authority.certificate(),
        authority.admit(asked, validity),
        authority.serve(asked, validity),
        peers);
  }

  /// Accepts an invitation on the node that asked for it; see [#accept(Path, Path, Optional,
  /// Instant)].
  public static NodeIdentity accept(Path nodeDirectory, Path file)
      throws IOException, IdentityException {
    return accept(nodeDirectory, file, Optional.empty(), Instant.now());
  }

  /// Accepts an invitation on the node that asked for it. The node is a member when this returns,
  /// durably; if it throws, nothing has changed.
  ///
  /// @param expected the cluster it must be, if that is known
  public static NodeIdentity accept(
      Path nodeDirectory, Path file, Optional<ClusterId> expected, Instant now)
      throws IOException, IdentityException {
    var invitation = read(file);
    if (expected.isPresent() && !expected.get().equals(invitation.authority.cluster())) {
      throw new IdentityException(
          Reason.FOREIGN_CLUSTER,
          file + " invites to " + invitation.authority + ", not to " + expected.get());
    }
    NodeCertificate.checkTime(invitation.authority.certificate(), now);
    invitation.node.checkTime(now);
    var identity = NodeIdentity.of(keys(nodeDirectory), invitation);
    refuseOtherCluster(nodeDirectory, invitation);
    AtomicFile.write(IdentityFiles.authority(nodeDirectory), invitation.authority.pem());
    AtomicFile.write(IdentityFiles.invitation(nodeDirectory), invitation.text());
    return identity;
  }

  /// Reads an invitation and checks that its parts belong together. Not whether it has expired.
  public static Invitation read(Path file) throws IOException, IdentityException {
    var text = Pem.read(file);
    var blocks = Pem.blocks(text, file);
    if (blocks.size() != 3) {
      throw new IdentityException(
          Reason.MALFORMED, file + " is not an invitation: it holds no three certificates");
    }
    var authority = AuthorityCertificate.of(X509.parse(blocks.get(0).der()));
    var node = NodeCertificate.parse(blocks.get(1).der(), authority);
    var api = X509.parse(blocks.get(2).der());
    NodeCertificate.checkIssuer(api, authority);
    return new Invitation(authority, node, api, peers(text, file));
  }

  /// Writes the file to carry to the node.
  public void writeTo(Path file) throws IOException {
    AtomicFile.write(file, text());
  }

  private String text() {
    var text = new StringBuilder("# An invitation to a Starling cluster. It holds no secret.\n");
    text.append("# cluster: ").append(authority.name()).append(' ').append(authority.cluster());
    text.append("\n# node: ").append(node.name()).append(' ').append(node.fingerprint());
    text.append('\n');
    peers.forEach(peer -> text.append(PEER).append(' ').append(peer).append('\n'));
    var certificates = List.of(authority.certificate(), node.certificate(), api);
    return text.append(Pem.text(certificates.stream().map(X509::block).toList())).toString();
  }

  private static List<PeerAddress> peers(String text, Path file) throws IdentityException {
    var peers = new ArrayList<PeerAddress>();
    var lines = text.lines().takeWhile(line -> !line.startsWith("-----")).toList();
    for (var line : lines) {
      try {
        if (line.startsWith(PEER) && peers.size() < PEERS_MAX) {
          peers.add(PeerAddress.parse(line.substring(PEER.length()).strip()));
        }
      } catch (IllegalArgumentException broken) {
        throw new IdentityException(Reason.MALFORMED, file + ": " + broken.getMessage(), broken);
      }
    }
    return peers;
  }

  private static NodeKeys keys(Path directory) throws IOException, IdentityException {
    if (!Files.exists(IdentityFiles.nodeKey(directory))) {
      throw new IdentityException(
          Reason.MISSING, directory + " holds no node key; make the join request there first");
    }
    return NodeKeys.open(directory);
  }

  private static void refuseOtherCluster(Path directory, Invitation invitation)
      throws IOException, IdentityException {
    var file = IdentityFiles.invitation(directory);
    if (!Files.exists(file)) {
      return;
    }
    var before = read(file);
    if (!before.authority.cluster().equals(invitation.authority.cluster())) {
      throw new IdentityException(
          Reason.OCCUPIED,
          directory
              + " already belongs to "
              + before.authority
              + "; use another directory for "
              + invitation.authority);
    }
  }
}

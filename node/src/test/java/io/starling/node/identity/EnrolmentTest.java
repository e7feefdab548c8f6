package io.starling.node.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.node.identity.IdentityException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EnrolmentTest {

  private static final List<PeerAddress> PEERS =
      List.of(PeerAddress.parse("127.0.0.1:7402"), PeerAddress.parse("[::1]:7412"));

  @TempDir private Path root;
  private Path authority;
  private Path node;
  private AuthorityCertificate cluster;

  @BeforeEach
  void createCluster() throws Exception {
    authority = root.resolve("authority");
    node = root.resolve("node");
    cluster = ClusterInit.create(authority, "flock");
  }

  @Test
  void aNodeJoinsInThreeSteps() throws Exception {
    var request = JoinRequest.create(node, "alpha", "berlin", List.of("a.example", "192.0.2.7"));
    var file = root.resolve("invitation.pem");
    Invitation.issue(authority, request, PEERS).writeTo(file);
    var accepted = Invitation.accept(node, file);

    var identity = NodeIdentity.open(node);
    assertThat(identity).isEqualTo(accepted);
    assertThat(identity.cluster()).isEqualTo(cluster.cluster());
    assertThat(identity.authority().name()).isEqualTo("flock");
    assertThat(identity.certificate().name()).isEqualTo("alpha");
    assertThat(identity.certificate().site()).isEqualTo("berlin");
    assertThat(identity.certificate().fingerprint()).isEqualTo(identity.key().fingerprint());
    assertThat(identity.peers()).isEqualTo(PEERS);
    assertThat(names(identity.certificate().certificate().getSubjectAlternativeNames()))
        .contains("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1", "a.example", "192.0.2.7");
    assertThat(names(identity.api().certificate().getSubjectAlternativeNames()))
        .contains("localhost", "a.example")
        .noneMatch(name -> name.startsWith("starling:"));
  }

  @Test
  void secretsAreForTheirOwnerOnly() throws Exception {
    join("alpha");
    for (var file :
        List.of(
            authority.resolve("authority-key.pem"),
            node.resolve("node-key.pem"),
            node.resolve("peer-key.pem"),
            node.resolve("api-key.pem"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .as(file.toString())
          .isEqualTo("rw-------");
    }
    Files.setPosixFilePermissions(
        node.resolve("node-key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
    refused(Reason.EXPOSED, () -> NodeIdentity.open(node));
  }

  @Test
  void nothingButWholeFilesIsLeftBehind() throws Exception {
    join("alpha");
    for (var directory : List.of(authority, node)) {
      try (var files = Files.list(directory)) {
        assertThat(files).noneMatch(file -> file.getFileName().toString().endsWith(".new"));
      }
    }
  }

  @Test
  void theServerCertificateIsNoNodeCertificate() throws Exception {
    var identity = join("alpha");
    var api = identity.api().certificate();
    refused(Reason.MALFORMED, () -> NodeCertificate.of(api, identity.authority()));
  }

  @Test
  void aCertificateOfAnotherClusterIsRefused() throws Exception {
    var identity = join("alpha");
    var other = ClusterInit.create(root.resolve("other"), "flock");
    assertThat(other.cluster()).isNotEqualTo(cluster.cluster());
    var message =
        refused(Reason.FOREIGN_CLUSTER, () -> NodeCertificate.parse(der(identity), other));
    assertThat(message).contains("another cluster", "flock", other.cluster().toString());
  }

  @Test
  void aCertificateWhoseIssuerCannotBeReadIsRefused() throws Exception {
    var identity = join("alpha");
    byte[] der = der(identity);
    int name = new String(der, StandardCharsets.ISO_8859_1).indexOf("flock");
    der[name] = (byte) 0xFF;

    refused(Reason.MALFORMED, () -> NodeCertificate.parse(der, identity.authority()));
    refused(
        Reason.MALFORMED, () -> NodeCertificate.checkIssuer(X509.parse(der), identity.authority()));
  }

  @Test
  void anInvitationOfAnUnexpectedClusterIsRefused() throws Exception {
    var request = JoinRequest.create(node, "alpha", "here", List.of());
    var file = root.resolve("invitation.pem");
    Invitation.issue(authority, request, PEERS).writeTo(file);
    var expected = ClusterInit.create(root.resolve("other"), "other").cluster();
    refused(
        Reason.FOREIGN_CLUSTER,
        () -> Invitation.accept(node, file, Optional.of(expected), Instant.now()));
    assertThat(node.resolve("invitation.pem")).doesNotExist();
  }

  @Test
  void aDirectoryKeepsItsCluster() throws Exception {
    var identity = join("alpha");
    var other = root.resolve("other");
    ClusterInit.create(other, "other");
    var request = JoinRequest.create(node, "alpha", "here", List.of());
    var file = root.resolve("second.pem");
    Invitation.issue(other, request, PEERS).writeTo(file);
    var message = refused(Reason.OCCUPIED, () -> Invitation.accept(node, file));
    assertThat(message).contains("already belongs to cluster flock");
    assertThat(NodeIdentity.open(node)).isEqualTo(identity);
  }

  @Test
  void aDirectoryKeepsItsNode() throws Exception {
    join("alpha");
    refused(Reason.OCCUPIED, () -> JoinRequest.create(node, "beta", "here", List.of()));
  }

  @Test
  void anAuthorityIsNeverOverwritten() throws Exception {
    var before = Files.readAllBytes(authority.resolve("authority-key.pem"));
    refused(Reason.OCCUPIED, () -> ClusterInit.create(authority, "flock"));
    assertThat(authority.resolve("authority-key.pem")).hasBinaryContent(before);
  }

  @Test
  void aNameIsGivenToOneKeyOnly() throws Exception {
    join("alpha");
    var second = JoinRequest.create(root.resolve("second"), "alpha", "here", List.of());
    refused(Reason.OCCUPIED, () -> Invitation.issue(authority, second, PEERS));
  }

  @Test
  void anInvitationForAnotherKeyIsRefused() throws Exception {
    JoinRequest.create(node, "alpha", "here", List.of());
    var other = JoinRequest.create(root.resolve("second"), "beta", "here", List.of());
    var file = root.resolve("invitation.pem");
    Invitation.issue(authority, other, PEERS).writeTo(file);
    refused(Reason.WRONG_KEY, () -> Invitation.accept(node, file));
    refused(Reason.MISSING, () -> Invitation.accept(root.resolve("empty"), file));
  }

  @Test
  void anExpiredInvitationIsRefused() throws Exception {
    var request = JoinRequest.create(node, "alpha", "here", List.of());
    var file = root.resolve("invitation.pem");
    var past = new Validity(Instant.now().minus(Duration.ofDays(9)), Instant.now().minusSeconds(9));
    Invitation.issue(authority, request, PEERS, past).writeTo(file);
    assertThat(refused(Reason.EXPIRED, () -> Invitation.accept(node, file)))
        .contains("expired on", "ask for a new one");
    var early =
        new Validity(Instant.now().plusSeconds(900), Instant.now().plus(Duration.ofDays(9)));
    Invitation.issue(authority, request, PEERS, early).writeTo(file);
    assertThat(refused(Reason.EXPIRED, () -> Invitation.accept(node, file))).contains("valid from");
  }

  @Test
  void aRenewalChangesTheCertificateAndNoKey() throws Exception {
    var first = join("alpha");
    var request = JoinRequest.create(node, "alpha", "paris", List.of("b.example"));
    var file = root.resolve("again.pem");
    Invitation.issue(authority, request, PEERS).writeTo(file);
    var second = Invitation.accept(node, file);
    assertThat(second.key()).isEqualTo(first.key());
    assertThat(second.certificate()).isNotEqualTo(first.certificate());
    assertThat(second.certificate().site()).isEqualTo("paris");
  }

  @Test
  void aRequestWithASwappedKeyIsRefused() throws Exception {
    var mine = JoinRequest.create(node, "alpha", "here", List.of());
    var theirs = JoinRequest.create(root.resolve("second"), "beta", "here", List.of());
    var mineText = Files.readString(mine, StandardCharsets.UTF_8);
    var theirsText = Files.readString(theirs, StandardCharsets.UTF_8);
    var proof = "-----BEGIN STARLING";
    Files.writeString(
        mine,
        mineText.substring(0, mineText.indexOf(proof))
            + theirsText.substring(theirsText.indexOf(proof)));
    refused(Reason.WRONG_KEY, () -> Invitation.issue(authority, mine, PEERS));
  }

  @Test
  void brokenFilesAreNamed() throws Exception {
    var file = root.resolve("broken.pem");
    for (var text : List.of("", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n", "\0\0\0")) {
      Files.writeString(file, text);
      refused(Reason.MALFORMED, () -> JoinRequest.read(file));
      refused(Reason.MALFORMED, () -> Invitation.read(file));
    }
    Files.write(file, new byte[300_000]);
    refused(Reason.MALFORMED, () -> Invitation.read(file));
    refused(Reason.MISSING, () -> Invitation.read(root.resolve("absent.pem")));
  }

  @Test
  void namesThatWouldNeedEscapingAreRefused() {
    for (var name : List.of("", "a b", "a/b", "<b>", "a".repeat(64), "-a", "ä")) {
      refused(Reason.MALFORMED, () -> JoinRequest.create(node, name, "here", List.of()));
      refused(Reason.MALFORMED, () -> ClusterInit.create(root.resolve("new"), name));
    }
    refused(Reason.MALFORMED, () -> JoinRequest.create(node, "a", "here", List.of("300.1.1.1")));
    refused(Reason.MALFORMED, () -> JoinRequest.create(node, "a", "here", List.of("a b")));
    assertThat(node).doesNotExist();
  }

  @Test
  void theRosterOutlivesAProcess() throws Exception {
    var alpha = join("alpha");
    var other = root.resolve("second");
    var request = JoinRequest.create(other, "beta", "here", List.of());
    var beta = Invitation.issue(authority, request, PEERS).node();

    var roster = Roster.open(node, alpha);
    assertThat(roster.learn(beta.bytes())).isEqualTo(Roster.Learned.NEW);
    assertThat(roster.learn(beta.bytes())).isEqualTo(Roster.Learned.KNOWN);
    var again = Roster.open(node, alpha);
    assertThat(again.find(beta.fingerprint())).contains(beta);
    assertThat(again.all()).containsExactlyInAnyOrder(alpha.certificate(), beta);
    assertThat(again.learn(beta.bytes())).isEqualTo(Roster.Learned.KNOWN);
    Files.writeString(node.resolve("roster").resolve("broken.pem"), "no certificate");
    assertThat(Roster.open(node, alpha).all()).hasSize(2);
    var foreign = ClusterInit.create(root.resolve("other"), "other").certificate();
    refused(Reason.FOREIGN_CLUSTER, () -> again.learn(foreign.getEncoded()));
    refused(Reason.MALFORMED, () -> again.learn(new byte[] {1, 2, 3}));
  }

  @Test
  void aRosterThatIsFullKeepsNoFurtherCertificateButRenewsThoseItHas() throws Exception {
    var alpha = join("alpha");
    var roster = Roster.open(node, alpha, 2);
    var beta = issue("beta");
    assertThat(roster.learn(beta.bytes())).isEqualTo(Roster.Learned.NEW);
    var gamma = issue("gamma");
    assertThat(roster.learn(gamma.bytes())).isEqualTo(Roster.Learned.FULL);
    assertThat(roster.find(gamma.fingerprint())).isEmpty();
    assertThat(roster.all()).containsExactlyInAnyOrder(alpha.certificate(), beta);
    assertThat(Roster.open(node, alpha).all()).hasSize(2);
    var later = new Validity(Instant.now().minusSeconds(60), Instant.now().plus(Validity.NODE));
    var request = root.resolve("beta").resolve("join-request.pem");
    var renewed = Invitation.issue(authority, request, PEERS, later).node();
    assertThat(roster.learn(renewed.bytes())).isEqualTo(Roster.Learned.NEW);
    assertThat(roster.find(beta.fingerprint())).contains(renewed);
  }

  private NodeCertificate issue(String name) throws IOException, IdentityException {
    var request = JoinRequest.create(root.resolve(name), name, "here", List.of());
    return Invitation.issue(authority, request, PEERS).node();
  }

  private NodeIdentity join(String name) throws IOException, IdentityException {
    var request = JoinRequest.create(node, name, "here", List.of());
    var file = root.resolve(name + ".pem");
    Invitation.issue(authority, request, PEERS).writeTo(file);
    return Invitation.accept(node, file);
  }

  private static byte[] der(NodeIdentity identity) {
    return identity.certificate().bytes();
  }

  private static List<String> names(Iterable<List<?>> alternativeNames) {
    var names = new ArrayList<String>();
    alternativeNames.forEach(name -> names.add(String.valueOf(name.get(1))));
    return names;
  }

  private static String refused(Reason reason, ThrowingCallable call) {
    var message = new StringBuilder();
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            IdentityException.class,
            refused -> {
              assertThat(refused.reason()).as(refused.getMessage()).isEqualTo(reason);
              message.append(refused.getMessage());
            });
    return message.toString();
  }
}

package io.starling.node.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.value.Value;
import io.starling.node.cli.RunningNode;
import io.starling.node.cli.Shell;
import io.starling.node.client.Endpoint;
import io.starling.node.config.NodeConfig;
import io.starling.node.identity.Authorities;
import io.starling.node.identity.NodeIdentity;
import io.starling.node.json.JsonText;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The doctor before real directories, ports and nodes: a cluster of two, of which one runs.
final class DoctorCommandTest {

  private static final AtomicInteger NUMBER = new AtomicInteger();

  @TempDir private static Path directory;
  private static RunningNode node;

  @TempDir private Path own;

  @BeforeAll
  static void start() throws Exception {
    node = new RunningNode(directory.resolve("data"));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static Installation installation(Path file) throws Exception {
    var config = NodeConfig.read(file, Map.of());
    var target = io.starling.node.cli.context.Target.of("127.0.0.1", 1, config.directory(), true);
    return new Installation("n", file, config, target);
  }

  /// A node of the cluster's authority, in a directory of the test's own.
  private Installation joined(String yaml, Duration age) throws Exception {
    Authorities.join(node.cluster().authority(), own, name(), Instant.now().minus(age));
    return installation(Files.writeString(own.resolve("node.yaml"), yaml));
  }

  // A name belongs to one key for good.
  private static String name() {
    return "n-" + NUMBER.incrementAndGet();
  }

  private static List<Finding> failures(List<Finding> findings) {
    return findings.stream().filter(it -> it.verdict() == Verdict.FAIL).toList();
  }

  @Test
  void aClusterIsLookedAtAsAWhole() throws Exception {
    var result = Shell.run("doctor", "--data", node.data());
    assertThat(result.exit()).as(result.out()).isZero();
    assertThat(result.out())
        .containsPattern("ok    node +node-1: ready")
        .containsPattern("warn  node +node-2: not running\n +→ start it: 'starling up'")
        .containsPattern("ok    certificate +node-2: .* good until")
        .containsPattern("ok    port +node-2: gRPC .* is free")
        .containsPattern("ok    peer +node-2 → .*: node-1 answers")
        .containsPattern("warn  peer +node-1 → .*: nothing listens there")
        .containsPattern("ok    clock +node-1: its clock is [+-]0")
        .containsPattern("\n[0-9]+ checks: 0 failed, [0-9]+ warnings\n$");
  }

  @Test
  void aStoppedNodeIsLookedAtByItsConfiguration() throws Exception {
    var result = Shell.run("doctor", "--config", node.stopped().config().toString(), "--json");
    assertThat(result.exit()).as(result.out()).isZero();
    assertThat(JsonText.parse(result.out().strip()))
        .isInstanceOfSatisfying(
            Value.Struct.class,
            object -> {
              assertThat(object.fields()).containsOnlyKeys("ok", "findings");
              assertThat(object.fields()).containsEntry("ok", new Value.Bool(true));
            });
    assertThat(result.out()).contains("\"check\":\"port\"").doesNotContain("\"check\":\"node\"");
  }

  @Test
  void aContextIsLookedAtFromHere() throws Exception {
    var shell = Shell.at(own);
    node.keep(shell, "c");
    var well = shell.execute("doctor", "--context", "c");
    assertThat(well.exit()).as(well.out()).isZero();
    assertThat(well.out())
        .containsPattern("ok    certificate +127.0.0.1:[0-9]+: the certificate for clients is good")
        .doesNotContain("disk-free");
    var none = shell.execute("doctor", "--context", "c", "--color", "always").out();
    assertThat(none).contains("\u001b[32mok  \u001b[0m");
  }

  @Test
  void aConfigurationThatIsWrongIsAFault() throws Exception {
    var file = Files.writeString(own.resolve("node.yaml"), "listen: {htttp: 1}\n");
    var result = Shell.run("doctor", "--config", file.toString());
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).containsPattern("fail  config .*did you mean 'listen.http'");
    var nowhere = Shell.run("doctor", "--config", own.resolve("none.yaml").toString());
    assertThat(nowhere.out()).containsPattern("fail  config .*does not exist");
  }

  @Test
  void aDirectoryThatOthersCanReadIsAFault() throws Exception {
    joined("", Duration.ZERO);
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxr-xr-x"));
    var result = Shell.run("doctor", "--config", own.resolve("node.yaml").toString());
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).containsPattern("fail  mode .*open to others\n +→ chmod 700 it");
  }

  @Test
  void aPortInUseIsAFaultAndItsUserIsNamed() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var mine =
          joined("listen: {http: " + taken.getLocalPort() + ", grpc: 0, peer: 0}", Duration.ZERO);
      assertThat(PortChecks.of(mine, false))
          .singleElement()
          .satisfies(finding -> {
            assertThat(finding.verdict()).isEqualTo(Verdict.FAIL);
            assertThat(finding.what())
                .contains("process " + ProcessHandle.current().pid() + " (java) uses it");
          });
      assertThat(PortChecks.of(mine, true)).allMatch(it -> it.verdict() == Verdict.OK);
    }
  }

  @Test
  void certificatesAreJudgedByTheirTime() throws Exception {
    // They last 397 days.
    var over = Duration.ofDays(397).plusMinutes(30);
    var ages =
        Map.of(Duration.ZERO, Verdict.OK, Duration.ofDays(380), Verdict.WARN, over, Verdict.FAIL);
    for (var age : ages.entrySet()) {
      var folder = own.resolve(age.getKey().toString());
      Authorities.join(
          node.cluster().authority(), folder, name(), Instant.now().minus(age.getKey()));
      var mine = installation(Files.writeString(folder.resolve("node.yaml"), ""));
      var findings = CertificateChecks.of(mine, Instant.now()).findings();
      assertThat(findings.getFirst().verdict()).isEqualTo(age.getValue());
    }
    var mine = joined("", Duration.ofDays(1));
    var early = CertificateChecks.of(mine, Instant.now().minus(Duration.ofDays(9)));
    assertThat(early.findings().getFirst().what()).contains("valid from");
    assertThat(early.findings().getFirst().verdict()).isEqualTo(Verdict.FAIL);
  }

  @Test
  void keysAndCertificatesThatDoNotFitAreFaults() throws Exception {
    var mine = joined("name: other", Duration.ZERO);
    assertThat(failures(CertificateChecks.of(mine, Instant.now()).findings()))
        .singleElement()
        .extracting(Finding::what)
        .asString()
        .contains("', and 'name' is 'other'");

    var key = own.resolve("identity/peer-key.pem");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(failures(CertificateChecks.of(mine, Instant.now()).findings()).getFirst().todo())
        .contains("chmod 600");

    Files.copy(
        node.stopped().identity().resolve("peer-key.pem"),
        key,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING,
        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    assertThat(failures(CertificateChecks.of(mine, Instant.now()).findings()).getFirst().what())
        .contains("does not hold");

    Files.delete(key);
    assertThat(failures(CertificateChecks.of(mine, Instant.now()).findings())).hasSize(1);
  }

  private List<Finding> meet(int port) throws Exception {
    var yaml = own.resolve("node.yaml");
    if (!Files.exists(yaml)) {
      joined("", Duration.ZERO);
    }
    var mine = installation(Files.writeString(yaml, "peers: ['127.0.0.1:" + port + "']"));
    return PeerChecks.of(mine, NodeIdentity.open(mine.config().identityDirectory()));
  }

  @Test
  void peersAreMetAsTheNodeWouldMeetThem() throws Exception {
    assertThat(meet(node.first().peerPort())).allMatch(it -> it.verdict() == Verdict.OK);
    assertThat(meet(node.stopped().peerPort())).allMatch(it -> it.verdict() == Verdict.WARN);
    // The port for HTTP speaks no TLS; the one for clients shows a certificate that is no peer's.
    assertThat(failures(meet(node.first().httpPort()))).hasSize(1);
    assertThat(failures(meet(node.first().grpcPort()))).hasSize(1);
  }

  @Test
  void aPeerOfAnotherClusterIsAFault() throws Exception {
    var authority = own.resolve("authority");
    Shell.run("cluster", "init", authority.toString()).orFail();
    var mine = own.resolve("stranger");
    Authorities.join(authority, mine, "n", Instant.now());
    var yaml = "peers: ['127.0.0.1:" + node.first().peerPort() + "']";
    var stranger = installation(Files.writeString(mine.resolve("node.yaml"), yaml));
    var identity = NodeIdentity.open(stranger.config().identityDirectory());
    assertThat(failures(PeerChecks.of(stranger, identity)))
        .singleElement()
        .extracting(Finding::what)
        .asString()
        .contains("not by the authority");
  }

  @Test
  void whatANodeShowsOverTheNetworkIsJudged() throws Exception {
    var ca = Optional.of(node.cluster().certificate());
    int port = node.first().grpcPort();
    var well = new Endpoint("127.0.0.1", port, ca, "");
    assertThat(CertificateChecks.served(well, Instant.now()).orElseThrow().verdict())
        .isEqualTo(Verdict.OK);
    var soon = Instant.now().plus(Duration.ofDays(380));
    assertThat(CertificateChecks.served(well, soon).orElseThrow().verdict())
        .isEqualTo(Verdict.WARN);
    var silent = new Endpoint("127.0.0.1", node.stopped().grpcPort(), ca, "");
    assertThat(CertificateChecks.served(silent, Instant.now())).isEmpty();
    var plain = new Endpoint("127.0.0.1", port, Optional.empty(), "");
    assertThat(CertificateChecks.served(plain, Instant.now()).orElseThrow().verdict())
        .isEqualTo(Verdict.WARN);
    var http = new Endpoint("127.0.0.1", node.first().httpPort(), ca, "");
    assertThat(CertificateChecks.served(http, Instant.now()).orElseThrow().verdict())
        .isEqualTo(Verdict.FAIL);
  }

  @Test
  void everyReasonOfSilenceHasItsRemedy() {
    var known =
        Map.of(
            new java.net.UnknownHostException("x"), "no address",
            new java.net.ConnectException("x"), "nothing listens",
            new java.net.SocketTimeoutException("x"), "no answer",
            new IOException("No subject alternative names"), "not for this name",
            new IOException("PKIX path building failed"), "not by the authority",
            new IOException("x", new java.security.cert.CertificateExpiredException()), "expired",
            new IOException("Unsupported or unrecognized SSL message"), "no TLS",
            new IOException("else"), "handshake failed");
    known.forEach((failed, what) -> {
      var finding = Handshake.failed("peer", "h:1", failed, Verdict.WARN);
      assertThat(finding.what()).contains(what);
      assertThat(finding.todo()).isNotEmpty();
    });
  }
}

package io.starling.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.node.backup.s3.S3Options;
import io.starling.node.identity.PeerAddress;
import io.starling.node.logging.LogFormat;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.LogRetention;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NodeConfigTest {

  @TempDir private Path directory;

  @Test
  void anEmptyFileGivesTheDefaults() throws Exception {
    var config = read("");
    assertThat(config.directory()).isEqualTo(directory);
    assertThat(config.listen().http().getPort()).isEqualTo(7_410);
    assertThat(config.listen().grpc().getPort()).isEqualTo(7_411);
    assertThat(config.listen().peer().getPort()).isEqualTo(7_412);
    assertThat(config.listen().peer().getAddress().isLoopbackAddress()).isTrue();
    assertThat(config.tls()).isEqualTo(new NodeConfig.Tls(false, true));
    assertThat(config.sizes()).isEqualTo(new NodeConfig.Sizes(64, 128));
    assertThat(config.log()).isEqualTo(LogFormat.TEXT);
    assertThat(config.batches()).isEqualTo(LogRetention.DEFAULT);
    assertThat(config.proof()).isEqualTo(Proof.NEEDED);
    assertThat(config.tracing()).isEmpty();
    assertThat(config.peers()).isEmpty();
    assertThat(config.name()).isEmpty();
  }

  @Test
  void aFullFileIsRead() throws Exception {
    var config =
        read(
            """
            name: n1
            site: cellar
            directory: here
            listen:
              host: 127.0.0.1
              http: 8001
              grpc: "127.0.0.2:8002"
              peer: "[::1]:8003"
            addresses: [n1.example:8003]
            peers:
              - n2.example:8003
              - 10.0.0.3:8003
            tls: {http: true, grpc: false}
            limits:
              cacheMegabytes: 32
              freeMegabytes: 64
            batches: {keepMegabytes: 5, keepDays: 2, keepStableHours: 48}
            catchUp: {proof: waived}
            log: {format: json}
            tracing: {otlp: "http://127.0.0.1:4318", percent: 10}
            """);
    assertThat(config.log()).isEqualTo(LogFormat.JSON);
    assertThat(config.proof()).isEqualTo(Proof.WAIVED);
    assertThat(config.batches())
        .isEqualTo(new LogRetention(5 << 20, Duration.ofDays(2), Duration.ofDays(2)));
    assertThat(config.tracing())
        .contains(new NodeConfig.Traces(URI.create("http://127.0.0.1:4318"), 10));
    assertThat(config.name()).contains("n1");
    assertThat(config.site()).contains("cellar");
    assertThat(config.directory()).isEqualTo(directory.resolve("here"));
    assertThat(config.listen().grpc().getHostString()).isEqualTo("127.0.0.2");
    assertThat(config.listen().peer().getPort()).isEqualTo(8_003);
    assertThat(config.peers())
        .isEqualTo(
            List.of(new PeerAddress("n2.example", 8_003), new PeerAddress("10.0.0.3", 8_003)));
    assertThat(config.addresses()).isEqualTo(List.of(new PeerAddress("n1.example", 8_003)));
    assertThat(config.tls()).isEqualTo(new NodeConfig.Tls(true, false));
    assertThat(config.sizes()).isEqualTo(new NodeConfig.Sizes(32, 64));
  }

  @Test
  void theEnvironmentOverridesTheFile() throws Exception {
    Files.writeString(file(), "name: n1\nlisten: {http: 8001}\n");
    var config =
        NodeConfig.read(
            file(),
            Map.of(
                "STARLING_LISTEN_HTTP", "8100",
                "STARLING_LIMITS_CACHE_MEGABYTES", "16",
                "STARLING_PEERS", "a:1, b:2",
                "STARLING_TOKEN", "not a setting",
                "PATH", "/bin"));
    assertThat(config.name()).contains("n1");
    assertThat(config.listen().http().getPort()).isEqualTo(8_100);
    assertThat(config.sizes().cacheMegabytes()).isEqualTo(16);
    assertThat(config.peers()).containsExactly(new PeerAddress("a", 1), new PeerAddress("b", 2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nmae: x | 'nmae' is no setting; did you mean 'name'?",
        "lisen: {http: 1} | 'lisen' is no setting; did you mean 'listen'?",
        "listen: {htp: 1} | 'listen.htp' is no setting; did you mean 'listen.http'?",
        "limits: {cacheMegabyte: 1} | did you mean 'limits.cacheMegabytes'?",
        "listen: 7 | 'listen' holds further settings",
        "batches: {keepMegabytes: 0} | must be a number from 1 to 16777216, not 0",
        "batches: {keepDays: 1, keepStableHours: 25} | is 25, longer than the 1 days of"
            + " 'batches.keepDays'; give that more days, or this fewer hours",
        "catchUp: {proof: never} | must be needed, preferred or waived, not never",
        "backup: {s3: {endpiont: a}} | 'backup.s3.endpiont' is no setting; did you mean"
            + " 'backup.s3.endpoint'?",
        "backup: {repository: s3://ab} | 'backup.repository' must name a bucket of 3 to 63",
        "backup: {repository: /mnt/b, s3: {region: a}} | 'backup.s3' means nothing where"
            + " 'backup.repository' is not s3://",
        "backup: {repository: s3://abc, s3: {endpoint: 'http://192.0.2.1'}} | 'backup.s3.endpoint'"
            + " is http to 192.0.2.1, where others",
        "backup: {repository: s3://abc, s3: {region: a b}} | 'backup.s3.region' must be a region's"
            + " name",
        "backup: {repository: s3://abc, s3: {pathStyle: yes please}} | 'backup.s3.pathStyle' must"
            + " be true or false",
        "name: [a, b] | 'name' must be one value, not 2",
        "name: {a: b} | must be a value or a list",
        "name: a b | 'name' must be 1 to 63 of",
        "name: x\\nname: y | is not YAML",
        "[a, b] | must hold settings",
        "name: 'x | is not YAML",
        "listen: {http: 70000} | with a port from 0 to 65535",
        "listen: {http: many} | must be PORT or HOST:PORT",
        "listen: {http: '0.0.0.0:1'} | set 'tls.http' to true",
        "{listen: {host: 0.0.0.0}, tls: {http: true, grpc: false}} | set 'tls.grpc' to true",
        "listen: {peer: 'no such host:1'} | has no address",
        "tls: {http: maybe} | must be true or false",
        "peers: [here] | a peer address is HOST:PORT",
        "discovery: {hazelcast: {mode: multicast}} | must be off, tcp-ip or kubernetes",
        "discovery: {hazelcast: {mode: tcp-ip}} | must name 1 to 64 places",
        "discovery: {hazelcast: {mode: tcp-ip, members: [a]}} | a peer address is HOST:PORT",
        "discovery: {hazelcast: {mode: tcp-ip, listen: 0, members: ['a:1']}} | needs a port",
        "discovery: {hazelcast: {mode: tcp-ip, members: ['a:1'], service: a}} | means nothing"
            + " where",
        "discovery: {hazelcast: {mode: kubernetes}} | needs either",
        "discovery: {hazelcast: {mode: kubernetes, service: a, serviceDns: b}} | needs either",
        "discovery: {hazelcast: {mode: kubernetes, service: a, members: ['a:1']}} | means nothing",
        "discovery: {hazelcast: {mode: kubernetes, serviceDns: 'a b'}} | must be a DNS name",
        "discovery: {hazelcast: {mod: off}} | did you mean 'discovery.hazelcast.mode'?",
        "limits: {freeMegabytes: 1} | must be a number from 16 to 1048576",
        "limits: {cacheMegabytes: lots} | must be a number from 8 to 65536",
      })
  void whatIsWrongIsSaid(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml.replace("\\n", "\n")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message.strip());
  }

  @Test
  void whereBackupsGoIsADirectoryOrABucket() throws Exception {
    var beside = read("backup: {repository: backups}").backups().orElseThrow();
    assertThat(beside.repository()).isEqualTo(directory.resolve("backups").toString());
    assertThat(beside.s3()).isEqualTo(S3Options.NONE);
    var bucket =
        read("""
        backup:
          repository: s3://starling/main/
          s3:
            endpoint: https://minio.example:9000
            region: garage
            pathStyle: false
        """)
            .backups()
            .orElseThrow();
    assertThat(bucket.repository()).isEqualTo("s3://starling/main");
    assertThat(bucket.s3())
        .isEqualTo(
            new S3Options(
                Optional.of(URI.create("https://minio.example:9000")),
                Optional.of("garage"),
                Optional.of(false)));
  }

  @Test
  void discoveryIsOffUnlessAskedFor() throws Exception {
    assertThat(read("").hazelcast()).isEmpty();
    assertThat(read("discovery: {hazelcast: {mode: off}}").hazelcast()).isEmpty();
    // Off, what else is said of it does not matter, nor where other things listen.
    var off =
        """
        listen: {host: 0.0.0.0}
        tls: {http: true}
        discovery: {hazelcast: {members: [10.0.0.2:7413]}}
        """;
    assertThat(read(off).hazelcast()).isEmpty();
  }

  @Test
  void discoveryByAListIsRead() throws Exception {
    var config =
        read(
            """
            discovery:
              hazelcast:
                mode: tcp-ip
                listen: 10.0.0.1:7500
                members: ["10.0.0.1:7500", "n2.example:7500"]
            """);
    var members = List.of(new PeerAddress("10.0.0.1", 7_500), new PeerAddress("n2.example", 7_500));
    assertThat(config.hazelcast())
        .contains(
            new HazelcastConfig(
                new InetSocketAddress("10.0.0.1", 7_500),
                new HazelcastConfig.Join.Members(members)));
  }

  @Test
  void discoveryInKubernetesIsReadFromTheEnvironmentToo() throws Exception {
    Files.writeString(file(), "discovery: {hazelcast: {mode: kubernetes, serviceDns: a.b.svc}}");
    var config =
        NodeConfig.read(file(), Map.of("STARLING_DISCOVERY_HAZELCAST_LISTEN", "10.2.3.4:1"));
    assertThat(config.hazelcast())
        .contains(
            new HazelcastConfig(
                new InetSocketAddress("10.2.3.4", 1),
                new HazelcastConfig.Join.ServiceDns("a.b.svc")));
    var api =
        read("discovery: {hazelcast: {mode: kubernetes, service: starling, namespace: apps}}");
    assertThat(api.hazelcast())
        .contains(
            new HazelcastConfig(
                new InetSocketAddress("127.0.0.1", 7_413),
                new HazelcastConfig.Join.ServiceApi("starling", Optional.of("apps"))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.0.0.9",
        "10.255.0.1",
        "172.16.0.1",
        "172.31.255.1",
        "192.168.1.1",
        "100.64.0.1",
        "100.127.255.1",
        "[::1]",
        "[fd12::1]"
      })
  void discoveryListensOnPrivateAddresses(String host) throws Exception {
    assertThat(tcpIp(host + ":7413").hazelcast()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "[::]",
        "8.8.8.8",
        "172.32.0.1",
        "172.15.0.1",
        "192.169.0.1",
        "100.128.0.1",
        "100.63.0.1",
        "169.254.1.1",
        "224.0.0.1",
        "[2001:db8::1]",
        "[fe80::1]",
        "[fec0::1]"
      })
  void discoveryListensNowhereElse(String host) {
    assertThatThrownBy(() -> tcpIp(host + ":7413"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'discovery.hazelcast.listen' is")
        .hasMessageContaining("neither TLS nor passwords")
        .hasMessageContaining("loopback or private");
  }

  private NodeConfig tcpIp(String listen) throws IOException, ConfigException {
    return read(
        "discovery: {hazelcast: {mode: tcp-ip, listen: '"
            + listen
            + "', members: ['10.0.0.2:1']}}");
  }

  @Test
  void anUnknownVariableIsRefusedWithTheNearestKnownOne() throws IOException {
    Files.writeString(file(), "");
    assertThatThrownBy(() -> NodeConfig.read(file(), Map.of("STARLING_LISTEN_HTPP", "1")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("did you mean STARLING_LISTEN_HTTP?");
  }

  @Test
  void aMissingFileIsSaidSo() {
    assertThatThrownBy(() -> NodeConfig.read(file(), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("does not exist");
  }

  private NodeConfig read(String yaml) throws IOException, ConfigException {
    Files.writeString(file(), yaml);
    return NodeConfig.read(file(), Map.of());
  }

  private Path file() {
    return directory.resolve(NodeConfig.FILE);
  }

  @Test
  void tracesGoToThisMachineOrOverTls() throws Exception {
    for (var good : List.of("http://127.0.0.1:4318", "http://[::1]:1", "https://x.example")) {
      assertThat(read("tracing: {otlp: \"" + good + "\"}").tracing()).isPresent();
    }
    for (var bad : List.of("http://192.0.2.1:4318", "ftp://127.0.0.1", "https://u:p@x", "x y")) {
      assertThatThrownBy(() -> read("tracing: {otlp: \"" + bad + "\"}"))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("'tracing.otlp'");
    }
    assertThatThrownBy(() -> read("tracing: {otlp: \"http://127.0.0.1:1\", percent: 0}"))
        .hasMessageContaining("from 1 to 100");
  }
}

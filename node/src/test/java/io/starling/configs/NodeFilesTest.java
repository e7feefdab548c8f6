package io.starling.configs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.node.config.ConfigException;
import io.starling.node.config.NodeConfig;
import io.starling.node.identity.PeerAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every node.yaml is one that a node takes.
final class NodeFilesTest {

  private static final Path CONFIGS = Path.of("..", "cluster-configs");

  @TempDir private Path directory;

  static List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(CONFIGS)) {
      return all.filter(file -> file.toString().endsWith(".yaml"))
          .filter(file -> !file.getParent().endsWith("kubernetes"))
          .filter(file -> !file.endsWith("compose.yaml"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void isReadAndSpeaksTlsWhereOthersCanListen(Path file) throws Exception {
    var config = NodeConfig.read(file, Map.of());
    assertThat(config.tls().http() || isLoopback(config.listen().http())).isTrue();
    assertThat(config.tls().grpc() || isLoopback(config.listen().grpc())).isTrue();
    if (!file.endsWith("node.yaml")) {
      assertThat(config.name().orElseThrow() + ".yaml").isEqualTo(file.getFileName().toString());
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void withoutTlsIsRefusedWhereOthersCanListen(Path file) throws Exception {
    if (isLoopback(NodeConfig.read(file, Map.of()).listen().http())) {
      return;
    }
    for (var port : List.of("http", "grpc")) {
      var plain = directory.resolve("node.yaml");
      Files.writeString(plain, Files.readString(file).replace(port + ": true", port + ": false"));
      assertThatThrownBy(() -> NodeConfig.read(plain, Map.of()))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("'listen." + port + "' is 0.0.0.0, which others can reach")
          .hasMessageContaining("set 'tls." + port + "' to true");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"three-hosts", "two-sites"})
  void eachNodeOfAClusterDialsAllOthers(String folder) throws Exception {
    var nodes = files().stream().filter(file -> file.getParent().endsWith(folder)).toList();
    assertThat(nodes).hasSizeGreaterThan(2);
    var all = new TreeSet<String>();
    for (var node : nodes) {
      all.addAll(texts(NodeConfig.read(node, Map.of()).addresses()));
    }
    for (var node : nodes) {
      var config = NodeConfig.read(node, Map.of());
      var dialled = new TreeSet<>(texts(config.peers()));
      dialled.addAll(texts(config.addresses()));
      assertThat(dialled).as(node.toString()).isEqualTo(all);
      assertThat(config.peers()).doesNotContainAnyElementsOf(config.addresses());
    }
  }

  @Test
  void twoSitesHaveTwoNodesEach() throws Exception {
    var sites = new TreeSet<String>();
    for (var file : files()) {
      if (file.getParent().endsWith("two-sites")) {
        sites.add(NodeConfig.read(file, Map.of()).site().orElseThrow());
      }
    }
    assertThat(sites).containsExactly("bern", "oslo");
  }

  private static List<String> texts(List<PeerAddress> addresses) {
    return addresses.stream().map(PeerAddress::toString).toList();
  }

  private static boolean isLoopback(InetSocketAddress address) {
    return address.getAddress().isLoopbackAddress();
  }
}

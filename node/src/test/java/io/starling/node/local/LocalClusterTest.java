package io.starling.node.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.config.HazelcastConfig;
import io.starling.node.config.NodeConfig;
import io.starling.node.identity.PeerAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalClusterTest {

  @TempDir private Path directory;

  @Test
  void withHazelcastEachNodeIsToldOfAll() throws Exception {
    var cluster = new LocalCluster(directory, 7_400, 2);
    var file = Files.writeString(directory.resolve("node.yaml"), "listen: {http: 7420}\n");
    var second = NodeConfig.read(file, cluster.hazelcast(cluster.nodes().getLast()));
    var members = List.of(new PeerAddress("127.0.0.1", 7_413), new PeerAddress("127.0.0.1", 7_423));
    assertThat(second.hazelcast())
        .contains(
            new HazelcastConfig(
                new InetSocketAddress("127.0.0.1", 7_423),
                new HazelcastConfig.Join.Members(members)));
  }
}

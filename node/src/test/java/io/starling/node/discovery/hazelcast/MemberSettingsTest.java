package io.starling.node.discovery.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.config.Config;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.instance.EndpointQualifier;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.config.HazelcastConfig;
import io.starling.node.config.HazelcastConfig.Join;
import io.starling.node.discovery.Advertisement;
import io.starling.node.identity.PeerAddress;
import io.starling.replica.batch.ClusterId;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What the member in a node may be told to do: nothing.
final class MemberSettingsTest {

  private static final ClusterId CLUSTER = new ClusterId(5, 6);
  private static final Advertisement OWN =
      new Advertisement(PeerAddress.parse("10.1.0.1:7412"), new KeyFingerprint(1, 1), "cellar");

  private final Config config = of(new Join.Members(List.of(PeerAddress.parse("10.1.0.2:7413"))));

  @Test
  void thereIsOneEndpointForMembersOnOneAddress() {
    var network = config.getAdvancedNetworkConfig();
    assertThat(network.isEnabled()).isTrue();
    assertThat(network.getEndpointConfigs()).containsOnlyKeys(EndpointQualifier.MEMBER);
    assertThat(network.getRestEndpointConfig()).isNull();
    var endpoint =
        (com.hazelcast.config.ServerSocketEndpointConfig)
            network.getEndpointConfigs().get(EndpointQualifier.MEMBER);
    assertThat(endpoint.getPort()).isEqualTo(7_413);
    assertThat(endpoint.isPortAutoIncrement()).isFalse();
    assertThat(endpoint.getPublicAddress()).isNull();
    var provider = network.getMemberAddressProviderConfig();
    assertThat(provider.isEnabled()).isTrue();
    assertThat(provider.getImplementation())
        .isEqualTo(new FixedAddress(new InetSocketAddress("10.1.0.1", 7_413)));
  }

  @Test
  void membersAreFoundByTheListAlone() {
    var join = config.getAdvancedNetworkConfig().getJoin();
    assertThat(join.getTcpIpConfig().isEnabled()).isTrue();
    assertThat(join.getTcpIpConfig().getMembers()).containsExactly("10.1.0.2:7413");
    assertThat(join.isAutoDetectionEnabled()).isFalse();
    assertThat(join.getMulticastConfig().isEnabled()).isFalse();
    assertThat(join.getAwsConfig().isEnabled()).isFalse();
    assertThat(join.getGcpConfig().isEnabled()).isFalse();
    assertThat(join.getAzureConfig().isEnabled()).isFalse();
    assertThat(join.getEurekaConfig().isEnabled()).isFalse();
    assertThat(join.getKubernetesConfig().isEnabled()).isFalse();
    assertThat(join.getDiscoveryConfig().isEnabled()).isFalse();
  }

  @Test
  void inKubernetesAServiceIsAsked() {
    var dns = kubernetes(new Join.ServiceDns("starling.apps.svc.cluster.local"));
    assertThat(dns)
        .isEqualTo(
            Map.of("service-dns", "starling.apps.svc.cluster.local", "service-port", "7413"));
    var api = kubernetes(new Join.ServiceApi("starling", Optional.of("apps")));
    assertThat(api)
        .isEqualTo(Map.of("service-name", "starling", "namespace", "apps", "service-port", "7413"));
  }

  private static Map<String, String> kubernetes(Join by) {
    var join = of(by).getAdvancedNetworkConfig().getJoin();
    assertThat(join.getKubernetesConfig().isEnabled()).isTrue();
    assertThat(join.getTcpIpConfig().isEnabled()).isFalse();
    assertThat(join.isAutoDetectionEnabled()).isFalse();
    assertThat(join.getMulticastConfig().isEnabled()).isFalse();
    return join.getKubernetesConfig().getProperties();
  }

  @Test
  void noClassIsMadeFromBytes() {
    var serialization = config.getSerializationConfig();
    assertNothing(serialization.getJavaSerializationFilterConfig());
    assertNothing(serialization.getCompactSerializationConfig().getZeroConfigFilter());
    assertNothing(config.getSqlConfig().getJavaReflectionFilterConfig());
    assertThat(serialization.isAllowUnsafe()).isFalse();
    assertThat(serialization.isAllowOverrideDefaultSerializers()).isFalse();
  }

  // An empty list of what is allowed would mean that all is.
  private static void assertNothing(JavaSerializationFilterConfig filter) {
    assertThat(filter.isDefaultsDisabled()).isTrue();
    assertThat(filter.getWhitelist().getClasses()).containsExactly("java.lang.String");
    assertThat(filter.getWhitelist().getPackages()).isEmpty();
    assertThat(filter.getWhitelist().getPrefixes()).isEmpty();
  }

  @Test
  @SuppressWarnings("deprecation") // User code deployment: off, and asked whether it is.
  void itHoldsNoDataAndRunsNobodysCode() {
    assertThat(config.isLiteMember()).isTrue();
    assertThat(config.getJetConfig().isEnabled()).isFalse();
    assertThat(config.getJetConfig().isResourceUploadEnabled()).isFalse();
    assertThat(config.getUserCodeDeploymentConfig().isEnabled()).isFalse();
    assertThat(config.getNamespacesConfig().isEnabled()).isFalse();
    assertThat(config.getManagementCenterConfig().isScriptingEnabled()).isFalse();
    assertThat(config.getManagementCenterConfig().isConsoleEnabled()).isFalse();
    assertThat(config.getManagementCenterConfig().isDataAccessEnabled()).isFalse();
    assertThat(config.getRestConfig().isEnabled()).isFalse();
    assertThat(config.getMetricsConfig().isEnabled()).isFalse();
    assertThat(config.getDynamicConfigurationConfig().isPersistenceEnabled()).isFalse();
    assertThat(config.getMapConfigs().values()).isEmpty();
  }

  @Test
  void itCallsNobodyAndLeavesTheProcessAlone() {
    assertThat(config.getProperties())
        .containsEntry("hazelcast.phone.home.enabled", "false")
        .containsEntry("hazelcast.logging.type", "slf4j")
        .containsEntry("hazelcast.shutdownhook.enabled", "false")
        .containsEntry("hazelcast.socket.bind.any", "false")
        .containsEntry("hazelcast.socket.server.bind.any", "false")
        .containsEntry("hazelcast.socket.client.bind.any", "false")
        .containsEntry("hazelcast.wait.seconds.before.join", "0")
        .containsEntry("hazelcast.jmx", "false");
  }

  @Test
  void itSaysWhereThePeerIsAndWho() {
    assertThat(config.getClusterName()).isEqualTo("starling-" + CLUSTER);
    assertThat(config.getMemberAttributeConfig().getAttributes())
        .isEqualTo(
            Map.of(
                "starling.peer", "10.1.0.1:7412",
                "starling.node", OWN.node().toString(),
                "starling.site", "cellar"));
  }

  private static Config of(Join join) {
    var listen = new InetSocketAddress("10.1.0.1", 7_413);
    return MemberSettings.of(new HazelcastConfig(listen, join), CLUSTER, OWN);
  }
}

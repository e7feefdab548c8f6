package io.starling.node.discovery.hazelcast;

import com.hazelcast.config.AdvancedNetworkConfig;
import com.hazelcast.config.ClassFilter;
import com.hazelcast.config.Config;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.ServerSocketEndpointConfig;
import com.hazelcast.spi.properties.ClusterProperty;
import com.hazelcast.spi.properties.HazelcastProperty;
import io.starling.node.config.HazelcastConfig;
import io.starling.node.config.HazelcastConfig.Join;
import io.starling.node.discovery.Advertisement;
import io.starling.node.identity.PeerAddress;
import io.starling.replica.batch.ClusterId;

/// How the Hazelcast member in a node is set up: it holds no data and does nothing but know
/// members.
///
/// Whoever reaches its port can be a member, for the open edition knows no secret. So all that a
/// member might be told to do is off, and what cannot be switched off is left nothing to work with:
/// no class can be made from bytes by Java's serialization or by reflection.
final class MemberSettings {

  /// Names of the attributes that members show each other.
  static final String ADDRESS = "starling.peer";

  static final String NODE = "starling.node";
  static final String SITE = "starling.site";

  /// Between heartbeats, and after how long without one a member is said to be gone. Hazelcast
  /// would wait a minute, longer than the links between peers do by themselves; and what a false
  /// alarm costs here is one question to a peer.
  private static final int HEARTBEAT_SECONDS = 1;

  private static final int SILENCE_SECONDS = 4;

  private MemberSettings() {}

  static Config of(HazelcastConfig wanted, ClusterId cluster, Advertisement own) {
    var config = new Config("starling-" + own.node());
    // So that two Starling clusters in one network do not become one Hazelcast cluster.
    config.setClusterName("starling-" + cluster);
    // Owns no partitions: others' data is never kept here.
    config.setLiteMember(true);
    config
        .getMemberAttributeConfig()
        .setAttribute(ADDRESS, own.address().toString())
        .setAttribute(NODE, own.node().toString())
        .setAttribute(SITE, own.site());
    network(config.getAdvancedNetworkConfig(), wanted);
    closed(config);
    properties(config);
    return config;
  }

  /// One endpoint, for members: there is none for clients, REST, memcache or another cluster.
  private static void network(AdvancedNetworkConfig network, HazelcastConfig wanted) {
    var endpoint =
        new ServerSocketEndpointConfig()
            .setPort(wanted.listen().getPort())
            .setPortAutoIncrement(false)
            .setReuseAddress(true);
    network.setEnabled(true);
    network.setMemberEndpointConfig(endpoint);
    network
        .getMemberAddressProviderConfig()
        .setEnabled(true)
        .setImplementation(new FixedAddress(wanted.listen()));
    join(network.getJoin(), wanted);
  }

  private static void join(JoinConfig join, HazelcastConfig wanted) {
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    switch (wanted.join()) {
      case Join.Members(var members) ->
          join.getTcpIpConfig()
              .setEnabled(true)
              .setMembers(members.stream().map(PeerAddress::toString).toList());
      case Join.ServiceDns(var name) ->
          join.getKubernetesConfig()
              .setEnabled(true)
              .setProperty("service-dns", name)
              .setProperty("service-port", Integer.toString(wanted.listen().getPort()));
      case Join.ServiceApi(var service, var namespace) -> {
        var kubernetes =
            join.getKubernetesConfig()
                .setEnabled(true)
                .setProperty("service-name", service)
                .setProperty("service-port", Integer.toString(wanted.listen().getPort()));
        namespace.ifPresent(name -> kubernetes.setProperty("namespace", name));
      }
    }
  }

  private static void closed(Config config) {
    config
        .getSerializationConfig()
        .setAllowUnsafe(false)
        .setJavaSerializationFilterConfig(nothing());
    config.getSerializationConfig().getCompactSerializationConfig().setZeroConfigFilter(nothing());
    config.getSqlConfig().setJavaReflectionFilterConfig(nothing());
    config.getJetConfig().setEnabled(false).setResourceUploadEnabled(false);
    config
        .getManagementCenterConfig()
        .setScriptingEnabled(false)
        .setConsoleEnabled(false)
        .setDataAccessEnabled(false);
    config.getMetricsConfig().setEnabled(false);
    config.getRestConfig().setEnabled(false);
    config.getNamespacesConfig().setEnabled(false);
    config.getDynamicConfigurationConfig().setPersistenceEnabled(false);
  }

  /// A filter that lets no class through but one that does no harm: an empty list with the defaults
  /// disabled would let through all.
  private static JavaSerializationFilterConfig nothing() {
    return new JavaSerializationFilterConfig()
        .setDefaultsDisabled(true)
        .setWhitelist(new ClassFilter().addClasses("java.lang.String"));
  }

  private static void properties(Config config) {
    set(config, ClusterProperty.PHONE_HOME_ENABLED, false);
    set(config, ClusterProperty.LOGGING_TYPE, "slf4j");
    set(config, ClusterProperty.SHUTDOWNHOOK_ENABLED, false);
    set(config, ClusterProperty.SOCKET_BIND_ANY, false);
    set(config, ClusterProperty.SOCKET_SERVER_BIND_ANY, false);
    set(config, ClusterProperty.SOCKET_CLIENT_BIND_ANY, false);
    set(config, ClusterProperty.WAIT_SECONDS_BEFORE_JOIN, 0);
    set(config, ClusterProperty.HEARTBEAT_INTERVAL_SECONDS, HEARTBEAT_SECONDS);
    set(config, ClusterProperty.MAX_NO_HEARTBEAT_SECONDS, SILENCE_SECONDS);
    // Parts that lost each other look for one another this often, not after five minutes.
    set(config, ClusterProperty.MERGE_FIRST_RUN_DELAY_SECONDS, 10);
    set(config, ClusterProperty.MERGE_NEXT_RUN_DELAY_SECONDS, 10);
    set(config, ClusterProperty.ENABLE_JMX, false);
    set(config, ClusterProperty.HEALTH_MONITORING_LEVEL, "OFF");
    set(config, ClusterProperty.SLOW_OPERATION_DETECTOR_ENABLED, false);
    set(config, ClusterProperty.SOCKET_CONNECT_TIMEOUT_SECONDS, 5);
    // As few partitions and threads as there can be: there is nothing to keep or to compute. All
    // members must have the same number of partitions.
    set(config, ClusterProperty.PARTITION_COUNT, 1);
    set(config, ClusterProperty.PARTITION_OPERATION_THREAD_COUNT, 1);
    set(config, ClusterProperty.GENERIC_OPERATION_THREAD_COUNT, 2);
    set(config, ClusterProperty.IO_INPUT_THREAD_COUNT, 1);
    set(config, ClusterProperty.IO_OUTPUT_THREAD_COUNT, 1);
    set(config, ClusterProperty.EVENT_THREAD_COUNT, 1);
    set(config, ClusterProperty.EVENT_QUEUE_CAPACITY, 10_000);
  }

  private static void set(Config config, HazelcastProperty property, Object value) {
    config.setProperty(property.getName(), value.toString());
  }
}

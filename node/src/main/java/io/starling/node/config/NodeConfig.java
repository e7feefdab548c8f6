package io.starling.node.config;

import io.starling.node.backup.Schedule;
import io.starling.node.backup.s3.S3Options;
import io.starling.node.identity.PeerAddress;
import io.starling.node.logging.LogFormat;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.LogRetention;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a node is set up. A value that exists can be used; [Setting] says what each part means.
///
/// @param witness the file in which the node remembers how far its store was
/// @param peers empty for those of the invitation
/// @param batches how much of the log of each space is kept
/// @param proof what it takes for another member\'s state to be taken over
/// @param tracing empty if it is off
/// @param hazelcast empty if it is off
/// @param backups empty if none are made
public record NodeConfig(
    Optional<String> name,
    Optional<String> site,
    Path directory,
    Path witness,
    Listen listen,
    List<PeerAddress> addresses,
    List<PeerAddress> peers,
    Tls tls,
    Sizes sizes,
    LogRetention batches,
    Proof proof,
    LogFormat log,
    Optional<Traces> tracing,
    Optional<HazelcastConfig> hazelcast,
    Optional<Backups> backups) {

  /// The file, in a node's directory.
  public static final String FILE = "node.yaml";

  /// Where a node listens.
  public record Listen(InetSocketAddress http, InetSocketAddress grpc, InetSocketAddress peer) {}

  /// What is spoken over TLS towards clients; towards peers everything is.
  public record Tls(boolean http, boolean grpc) {}

  /// @param cacheMegabytes memory for blocks read from disk
  /// @param freeMegabytes free disk below which writes are refused
  public record Sizes(int cacheMegabytes, int freeMegabytes) {}

  /// How backups are made.
  ///
  /// @param repository where they go
  /// @param s3 how that is reached if it is a bucket
  /// @param keyFile holds the repository's passphrase
  /// @param schedule empty if they are made when asked for
  public record Backups(
      String repository,
      S3Options s3,
      Optional<Path> keyFile,
      int megabytesPerSecond,
      Optional<Schedule> schedule) {}

  /// Where traces are sent.
  ///
  /// @param percent how many in a hundred
  public record Traces(URI collector, int percent) {}

  public NodeConfig {
    addresses = List.copyOf(addresses);
    peers = List.copyOf(peers);
  }

  /// Reads a file, and what the environment says instead.
  ///
  /// @param environment as [System#getenv()] gives it
  public static NodeConfig read(Path file, Map<String, String> environment) throws ConfigException {
    var written = new EnumMap<Setting, List<String>>(Setting.class);
    written.putAll(SettingSource.file(file));
    written.putAll(SettingSource.environment(environment));
    var here = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("."));
    return new SettingReader(written).config(here);
  }

  /// Where the keys and certificates are.
  public Path identityDirectory() {
    return directory.resolve("identity");
  }

  /// Where the store is.
  public Path storeDirectory() {
    return directory.resolve("store");
  }
}

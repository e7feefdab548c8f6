package io.starling.node.cli;

import io.starling.node.client.Endpoint;
import io.starling.node.client.NodeClient;
import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalException;
import io.starling.node.local.LocalNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Which node a command talks to.
final class NodeOptions {

  private static final Pattern TOKEN = Pattern.compile("[!-~]{1,256}");

  @Mixin private DataOption data = new DataOption();

  @Option(
      names = {"-n", "--node"},
      paramLabel = "NODE",
      defaultValue = "1",
      description = "number or name of a local node, or HOST:PORT of its gRPC (default: 1)")
  private String node = "1";

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "the authority's certificate, for a node elsewhere (default: the local one)")
  private Optional<Path> authority = Optional.empty();

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "file with the bearer token (default: $STARLING_TOKEN, or the local cluster's)")
  private Optional<Path> tokenFile = Optional.empty();

  @Option(
      names = "--plain",
      description = "without TLS, to a node on this machine that was told to take that")
  private boolean isPlain;

  /// Prepares a connection to the node.
  NodeClient connect() throws IOException, CommandFailure, LocalException {
    return NodeClient.open(endpoint());
  }

  /// Where the node is.
  Endpoint endpoint() throws IOException, CommandFailure, LocalException {
    int colon = node.lastIndexOf(':');
    if (colon > 0) {
      var host = node.substring(0, colon);
      var ca = isPlain ? Optional.<Path>empty() : remoteAuthority();
      return new Endpoint(host, port(node.substring(colon + 1)), ca, token());
    }
    var cluster = data.cluster();
    var ca =
        isPlain ? Optional.<Path>empty() : authority.or(() -> Optional.of(cluster.certificate()));
    int port = cluster.find(node).grpcPort();
    return new Endpoint(LocalNode.HOST, port, ca, token());
  }

  private static int port(String text) throws CommandFailure {
    try {
      int port = Integer.parseInt(text);
      if (port > 0 && port < 1 << Character.SIZE) {
        return port;
      }
    } catch (NumberFormatException notNumber) {
      throw CommandFailure.usage("--node is a number, a name or HOST:PORT; not a port: " + text);
    }
    throw CommandFailure.usage("a port is 1 to 65535, not " + text);
  }

  private Optional<Path> remoteAuthority() throws IOException, CommandFailure, LocalException {
    if (authority.isPresent()) {
      return authority;
    }
    var local = LocalCluster.find(data.directory()).map(LocalCluster::certificate);
    if (local.isEmpty()) {
      throw CommandFailure.usage(
          "--ca FILE is needed, to know a node elsewhere by its certificate");
    }
    return local;
  }

  private String token() throws IOException, CommandFailure, LocalException {
    if (tokenFile.isPresent()) {
      return token(tokenFile.get());
    }
    var environment = Optional.ofNullable(System.getenv("STARLING_TOKEN"));
    if (environment.isPresent()) {
      return checked(environment.get(), "$STARLING_TOKEN");
    }
    var local = data.cluster().tokenFile();
    if (!Files.isReadable(local)) {
      throw CommandFailure.refused(
          "no bearer token: " + local + " cannot be read; give one by --token-file");
    }
    return token(local);
  }

  private static String token(Path file) throws IOException, CommandFailure {
    if (Files.isDirectory(file)) {
      throw CommandFailure.refused(file + " is a directory, not a file with a bearer token");
    }
    return checked(Files.readString(file, StandardCharsets.ISO_8859_1), file.toString());
  }

  // What would not survive a header is no token, and says less than this if it is sent.
  private static String checked(String text, String from) throws CommandFailure {
    var token = text.strip();
    if (!TOKEN.matcher(token).matches()) {
      throw CommandFailure.refused(from + " holds no bearer token, which begins with st_");
    }
    return token;
  }
}

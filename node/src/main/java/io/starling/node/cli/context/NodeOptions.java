package io.starling.node.cli.context;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.client.ClusterClient;
import io.starling.node.client.Endpoint;
import io.starling.node.identity.PeerAddress;
import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalException;
import io.starling.node.local.LocalNode;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Which node a command talks to.
public final class NodeOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Mixin private ClusterOptions options = new ClusterOptions();

  @Option(
      names = {"-n", "--node"},
      paramLabel = "NODE",
      description =
          "number or name of a local node, number of one of the context's, or HOST:PORT of a node's"
              + " gRPC (default: 1; with a context, the first that answers)")
  private Optional<String> node = Optional.empty();

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "the authority's certificate (default: the context's or the local one)")
  private Optional<Path> authority = Optional.empty();

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "file with the bearer token (default: $STARLING_TOKEN, the context's, or the local one)")
  private Optional<Path> tokenFile = Optional.empty();

  @Option(
      names = "--plain",
      description = "without TLS, to a node on this machine that was told to take that")
  private boolean isPlain;

  /// Prepares a connection to the node, or to the nodes to choose from.
  public ClusterClient connect() throws IOException, CommandFailure, LocalException {
    return ClusterClient.open(endpoints());
  }

  /// The nodes to choose from, the first first.
  public List<Target> targets() throws IOException, CommandFailure, LocalException {
    return endpoints().stream()
        .map(endpoint -> new Target(endpoint.toString(), endpoint, Optional.empty()))
        .toList();
  }

  private ClusterOptions cluster() {
    return options.of(command);
  }

  /// The directory with the authority's key: what is given, or that of the local cluster.
  public Path authorityDirectory(Optional<Path> given)
      throws IOException, CommandFailure, LocalException {
    if (given.isPresent()) {
      return given.get();
    }
    if (cluster().place() instanceof Place.Here here) {
      return here.cluster().authority();
    }
    throw CommandFailure.usage(
        "--authority DIR is needed: the directory with the authority's key, which signs this");
  }

  String space() throws IOException, CommandFailure {
    return cluster().space();
  }

  private List<Endpoint> endpoints() throws IOException, CommandFailure, LocalException {
    var place = cluster().place();
    if (node.isPresent() && node.get().lastIndexOf(':') > 0) {
      return List.of(at(address(node.get()), place));
    }
    return switch (place) {
      case Place.Here here -> List.of(local(here));
      case Place.Elsewhere(var context) -> {
        var all = new ArrayList<Endpoint>();
        for (var endpoint : cluster().endpoints(context, tokenFile)) {
          all.add(secured(endpoint, context));
        }
        yield node.isEmpty() ? all : List.of(numbered(all, node.get(), context));
      }
    };
  }

  private Endpoint secured(Endpoint endpoint, Context context) throws IOException, CommandFailure {
    requirePlainIsNear(endpoint.host());
    var ca = isPlain ? Optional.<Path>empty() : authority.or(endpoint::authority);
    if (!isPlain && ca.isEmpty()) {
      throw CommandFailure.usage(
          "context '"
              + context.name()
              + "' has no certificate of its authority; give one by --ca, or keep it by"
              + " 'starling context set'");
    }
    return new Endpoint(endpoint.host(), endpoint.port(), ca, endpoint.token());
  }

  private void requirePlainIsNear(String host) throws IOException, CommandFailure {
    if (isPlain && !InetAddress.getByName(host).isLoopbackAddress()) {
      throw CommandFailure.usage(
          "--plain is for nodes on this machine: anyone could read the token on its way to "
              + host);
    }
  }

  private static Endpoint numbered(List<Endpoint> all, String number, Context context)
      throws CommandFailure {
    boolean isNumber = number.matches("[0-9]{1,4}");
    int index = isNumber ? Integer.parseInt(number) - 1 : -1;
    if (index < 0 || index >= all.size()) {
      throw CommandFailure.usage(
          "--node: context '"
              + context.name()
              + "' has nodes 1 to "
              + all.size()
              + "; give a number or HOST:PORT, not '"
              + number
              + "'");
    }
    return all.get(index);
  }

  private static PeerAddress address(String text) throws CommandFailure {
    try {
      return PeerAddress.parse(text);
    } catch (IllegalArgumentException malformed) {
      throw CommandFailure.usage(
          "--node is a number, a name or HOST:PORT: " + malformed.getMessage());
    }
  }

  private Endpoint at(PeerAddress address, Place place)
      throws IOException, CommandFailure, LocalException {
    requirePlainIsNear(address.host());
    var ca = isPlain ? Optional.<Path>empty() : Optional.of(authority(place));
    var token = cluster().requireToken(tokenFile, place);
    return new Endpoint(address.host(), address.port(), ca, token);
  }

  private Path authority(Place place) throws IOException, CommandFailure, LocalException {
    var known =
        switch (place) {
          case Place.Here(var directory) ->
              LocalCluster.find(directory).map(LocalCluster::certificate);
          case Place.Elsewhere(var context) -> context.authority();
        };
    return authority
        .or(() -> known)
        .orElseThrow(() ->
            CommandFailure.usage(
                "--ca FILE is needed, to know a node elsewhere by its certificate"));
  }

  private Endpoint local(Place.Here here) throws IOException, CommandFailure, LocalException {
    var local = here.cluster();
    int port = local.find(node.orElse("1")).grpcPort();
    var ca =
        isPlain ? Optional.<Path>empty() : authority.or(() -> Optional.of(local.certificate()));
    return new Endpoint(LocalNode.HOST, port, ca, cluster().requireToken(tokenFile, here));
  }
}

package io.starling.node.cli.context;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Surroundings;
import io.starling.node.client.Endpoint;
import io.starling.node.local.LocalException;
import io.starling.node.local.LocalNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Which cluster a command is about. What is nearer to the command wins: `--context` or `--data`,
/// then `$STARLING_CONTEXT`, then `$STARLING_DATA`, then the current context, then
/// `./starling-data`.
public final class ClusterOptions {

  private static final String CONTEXT = "STARLING_CONTEXT";
  private static final String TOKEN = "STARLING_TOKEN";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description =
          "a cluster that 'starling context set' has named, or 'local' (default:"
              + " $STARLING_CONTEXT, or the current one)")
  private Optional<String> context = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "directory of the local cluster (default: $STARLING_DATA, or ./starling-data)")
  private Optional<Path> data = Optional.empty();

  /// The same options, for a command that has them by way of others.
  ClusterOptions of(CommandSpec owner) {
    command = owner;
    return this;
  }

  private Surroundings around() {
    return Surroundings.of(command);
  }

  /// Where the cluster is.
  Place place() throws IOException, CommandFailure {
    if (context.isPresent() && data.isPresent() && !context.get().equals(Context.LOCAL)) {
      throw CommandFailure.usage("--context and --data name two clusters; give one of them");
    }
    if (context.isPresent()) {
      return named(context.get(), "--context");
    }
    var inherited = around().variable(CONTEXT);
    if (data.isEmpty() && inherited.isPresent()) {
      return named(inherited.get(), "$" + CONTEXT);
    }
    if (data.isEmpty() && around().variable(DataOption.VARIABLE).isEmpty()) {
      var contexts = ContextFile.of(around()).read();
      var current = contexts.current().flatMap(contexts::find);
      if (current.isPresent()) {
        return new Place.Elsewhere(current.get());
      }
    }
    return here();
  }

  private Place named(String name, String from) throws IOException, CommandFailure {
    if (name.equals(Context.LOCAL)) {
      return here();
    }
    var known = ContextFile.of(around()).read().find(name);
    return new Place.Elsewhere(
        known.orElseThrow(() ->
            CommandFailure.usage(
                from + ": no context '" + name + "'; 'starling context list' has them")));
  }

  /// The local cluster, whether or not it is the one that the command is about.
  Place.Here here() {
    return new Place.Here(DataOption.resolve(data, around()));
  }

  /// The nodes of the cluster that are known of.
  public List<Target> targets() throws IOException, CommandFailure, LocalException {
    var targets = new ArrayList<Target>();
    switch (place()) {
      case Place.Here here -> {
        var cluster = here.cluster();
        var token = token(Optional.empty(), here).orElse("");
        for (var node : cluster.staying()) {
          var ca = Optional.of(cluster.certificate());
          var endpoint = new Endpoint(LocalNode.HOST, node.grpcPort(), ca, token);
          targets.add(new Target(node.name(), endpoint, Optional.of(node)));
        }
      }
      case Place.Elsewhere(var elsewhere) -> {
        for (var endpoint : endpoints(elsewhere, Optional.empty())) {
          targets.add(new Target(endpoint.toString(), endpoint, Optional.empty()));
        }
      }
    }
    return targets;
  }

  /// Where a context's nodes are.
  ///
  /// @param tokenFile that the command names
  List<Endpoint> endpoints(Context elsewhere, Optional<Path> tokenFile)
      throws IOException, CommandFailure {
    var token = requireToken(tokenFile, new Place.Elsewhere(elsewhere));
    return elsewhere.nodes().stream()
        .map(node -> new Endpoint(node.host(), node.port(), elsewhere.authority(), token))
        .toList();
  }

  /// The token, which must be there.
  String requireToken(Optional<Path> tokenFile, Place place) throws IOException, CommandFailure {
    var token = token(tokenFile, place);
    if (token.isPresent()) {
      return token.get();
    }
    var missing =
        switch (place) {
          case Place.Here(var directory) -> "there is none in " + directory;
          case Place.Elsewhere(var elsewhere) -> "context '" + elsewhere.name() + "' has none";
        };
    throw CommandFailure.refused(
        "no bearer token: " + missing + "; give one by --token-file or $" + TOKEN);
  }

  private Optional<String> token(Optional<Path> tokenFile, Place place)
      throws IOException, CommandFailure {
    if (tokenFile.isPresent()) {
      return Optional.of(Tokens.read(tokenFile.get()));
    }
    var inherited = around().variable(TOKEN);
    if (inherited.isPresent()) {
      return Optional.of(Tokens.checked(inherited.get(), "$" + TOKEN));
    }
    return switch (place) {
      case Place.Elsewhere(var elsewhere) -> elsewhere.readToken();
      case Place.Here here -> localToken(here);
    };
  }

  private static Optional<String> localToken(Place.Here here) throws IOException, CommandFailure {
    try {
      var file = here.cluster().tokenFile();
      return Files.isReadable(file) ? Optional.of(Tokens.read(file)) : Optional.empty();
    } catch (LocalException damaged) {
      throw CommandFailure.refused(String.valueOf(damaged.getMessage()), damaged);
    }
  }

  /// The space that commands work in unless they are told another.
  String space() throws IOException, CommandFailure {
    return switch (place()) {
      case Place.Here _ -> SpaceOption.MAIN;
      case Place.Elsewhere(var elsewhere) -> elsewhere.space().orElse(SpaceOption.MAIN);
    };
  }
}

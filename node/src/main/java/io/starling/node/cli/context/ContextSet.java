package io.starling.node.cli.context;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.identity.PeerAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `context set NAME`.
@Command(
    name = "set",
    description = {
      "Makes a context, or changes what is given of one.",
      "With several nodes, a command goes on to the next when one does not answer: reads always,",
      "writes only when they have not left this machine."
    })
final class ContextSet extends ContextCommand.Part {

  private static final int TOKEN_BYTES_MAX = 1_024;

  @Parameters(paramLabel = "NAME", description = "a name of your own for the cluster")
  private String name = "";

  @Option(
      names = {"-n", "--node"},
      paramLabel = "HOST:PORT",
      description = "a node's gRPC; repeatable, replaces all that were given before")
  private List<String> nodes = new ArrayList<>();

  @Option(names = "--ca", paramLabel = "FILE", description = "the certificate of its authority")
  private Optional<Path> authority = Optional.empty();

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "the file with the bearer token, which stays where it is")
  private Optional<Path> tokenFile = Optional.empty();

  @Option(
      names = "--token-stdin",
      description = "reads the bearer token from standard input and keeps it in the context")
  private boolean isTokenRead;

  @Option(
      names = {"-s", "--space"},
      paramLabel = "SPACE",
      description = "the space to work in (default: main)")
  private Optional<String> space = Optional.empty();

  @Option(
      names = "--json",
      description = "prints {\"name\", \"nodes\", \"ca\", \"token\", \"tokenFile\", \"space\"}")
  private boolean isJson;

  @Override
  boolean isJson() {
    return isJson;
  }

  @Override
  void run(ContextFile file) throws IOException, CommandFailure {
    if (isTokenRead && tokenFile.isPresent()) {
      throw CommandFailure.usage("--token-stdin and --token-file are two tokens; give one");
    }
    var contexts = file.read();
    var known = contexts.find(name);
    if (known.isEmpty() && nodes.isEmpty()) {
      throw CommandFailure.usage("a new context needs --node HOST:PORT");
    }
    try {
      var context = changed(known);
      file.write(contexts.with(context));
      var done = new Fields();
      if (ContextCommand.json(context) instanceof io.starling.crdt.value.Value.Struct(var fields)) {
        fields.forEach(done::put);
      }
      say(
          "context '" + name + "' is kept; 'starling context use " + name + "' makes it current",
          done);
    } catch (IllegalArgumentException refused) {
      throw CommandFailure.usage(String.valueOf(refused.getMessage()));
    }
  }

  private Context changed(Optional<Context> known) throws IOException, CommandFailure {
    var addresses =
        nodes.isEmpty()
            ? known.map(Context::nodes).orElse(List.of())
            : nodes.stream().map(PeerAddress::parse).toList();
    var ca =
        authority.isPresent() ? Optional.of(existing(authority.get())) : Optional.<Path>empty();
    var token = isTokenRead ? Optional.of(readToken()) : Optional.<String>empty();
    var from =
        tokenFile.isPresent() ? Optional.of(existing(tokenFile.get())) : Optional.<Path>empty();
    boolean isTokenGiven = token.isPresent() || from.isPresent();
    return new Context(
        name,
        addresses,
        ca.or(() -> known.flatMap(Context::authority)),
        isTokenGiven ? token : known.flatMap(Context::token),
        isTokenGiven ? from : known.flatMap(Context::tokenFile),
        space.or(() -> known.flatMap(Context::space)));
  }

  private String readToken() throws IOException, CommandFailure {
    var bytes = around().input().readNBytes(TOKEN_BYTES_MAX);
    return Tokens.checked(new String(bytes, StandardCharsets.ISO_8859_1), "standard input");
  }

  // Absolute, for commands run anywhere.
  private static Path existing(Path file) throws CommandFailure {
    if (!Files.isRegularFile(file)) {
      throw CommandFailure.refused("no such file: " + file);
    }
    return file.toAbsolutePath().normalize();
  }
}

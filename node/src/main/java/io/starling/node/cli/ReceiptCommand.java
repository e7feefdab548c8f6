package io.starling.node.cli;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.cli.context.DataOption;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.CommandGroup;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.identity.AuthorityCertificate;
import io.starling.node.identity.IdentityException;
import io.starling.node.json.JsonText;
import io.starling.node.local.LocalException;
import io.starling.node.receipt.Receipt;
import io.starling.node.receipt.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `receipt verify`.
@Command(
    name = "receipt",
    description = "Checks what members have signed.",
    subcommands = ReceiptCommand.Verify.class)
final class ReceiptCommand extends CommandGroup {

  /// `receipt verify FILE`.
  @Command(
      name = "verify",
      description = {
        "Checks a receipt without asking any node: whether members of the cluster have signed that",
        "they have durably applied what it is about. Exit code 0 if every signature stands."
      })
  static final class Verify implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private DataOption data = new DataOption();

    @Parameters(paramLabel = "FILE", description = "as --receipt wrote it, or an answer carried it")
    private Path file = Path.of("");

    @Option(
        names = "--ca",
        paramLabel = "FILE",
        description = "the authority's certificate (default: the local cluster's)")
    private Optional<Path> authority = Optional.empty();

    @Option(names = "--json", description = "prints an object")
    private boolean isJson;

    @Override
    public Integer call() throws IOException, CommandFailure, LocalException {
      var receipt = read();
      var verification = Verification.of(receipt, authority());
      if (isJson) {
        spec.commandLine().getOut().println(JsonText.write(json(receipt, verification)));
      } else {
        print(receipt, verification);
      }
      return verification.isGood() ? ExitCode.DONE : ExitCode.REFUSED;
    }

    private Receipt read() throws IOException, CommandFailure {
      try {
        if (Files.size(file) > Receipt.BYTES_MAX) {
          throw CommandFailure.refused(file + " is too large to be a receipt");
        }
        return Receipt.parse(Files.readAllBytes(file));
      } catch (MalformedException malformed) {
        throw CommandFailure.refused(
            file + " is no receipt: " + ViewText.line(String.valueOf(malformed.getMessage())));
      }
    }

    private AuthorityCertificate authority() throws IOException, CommandFailure, LocalException {
      var pem = authority.isPresent() ? authority.get() : data.cluster().certificate();
      try {
        return AuthorityCertificate.read(pem);
      } catch (IdentityException refused) {
        throw CommandFailure.refused(pem + ": " + refused.getMessage());
      }
    }

    private void print(Receipt receipt, Verification verification) {
      var out = spec.commandLine().getOut();
      out.println("cluster " + receipt.cluster() + ", space " + ViewText.line(receipt.space()));
      for (var line : verification.lines()) {
        // Of a statement that does not stand, whoever made the file chose the words.
        var who = line.name() + (line.site().isEmpty() ? "" : " (" + line.site() + ")");
        out.println(
            ViewText.line(
                line.stands()
                    ? "good  " + who + " at " + line.at()
                    : "BAD   " + who + ": " + line.flaw()));
      }
      out.println(
          verification.isGood()
              ? "durable on " + verification.lines().size() + " members when they signed"
              : "this receipt proves nothing");
    }

    private static Value json(Receipt receipt, Verification verification) {
      var lines =
          verification.lines().stream()
              .<Value>map(line -> {
                var json = new TreeMap<String, Value>();
                json.put("node", new Value.Text(line.name()));
                json.put("site", new Value.Text(line.site()));
                json.put("at", new Value.Text(line.at().toString()));
                json.put("good", new Value.Bool(line.stands()));
                json.put("flaw", new Value.Text(line.flaw()));
                return new Value.Struct(json);
              })
              .toList();
      var json = new TreeMap<String, Value>();
      json.put("good", new Value.Bool(verification.isGood()));
      json.put("space", new Value.Text(receipt.space()));
      json.put("token", new Value.Text(receipt.token().toText()));
      json.put("statements", new Value.Array(lines));
      return new Value.Struct(json);
    }
  }
}

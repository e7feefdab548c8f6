package io.starling.node.cli;

import com.google.protobuf.ByteString;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.context.SpaceOption;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.client.ClientException;
import io.starling.node.json.JsonText;
import io.starling.node.local.LocalException;
import io.starling.proto.v1.Entry;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.WatchRequest;
import io.starling.proto.v1.WatchResponse;
import io.starling.replica.message.Token;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `watch [PREFIX]`.
@Command(
    name = "watch",
    description = {
      "Prints a line for each change, until stopped, and then a token.",
      "With --token it goes on there, on any node, with nothing lost."
    })
final class WatchCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();
  @Mixin private SpaceOption space = new SpaceOption();

  @Parameters(arity = "0..1", paramLabel = "PREFIX", description = "(default: all keys)")
  private String prefix = "";

  @Option(names = "--token", paramLabel = "TOKEN", description = "goes on where a watch has ended")
  private Optional<String> resume = Optional.empty();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "stops after the group that has the N-th change (default: never)")
  private long limit;

  @Option(names = "--json", description = "prints an object a line: {\"key\", \"value\"}")
  private boolean isJson;

  // Written by the watch, read by whoever stops the process.
  private volatile ByteString token = ByteString.EMPTY;
  private long seen;

  @Override
  public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
    var request =
        WatchRequest.newBuilder()
            .setSpace(space.name(node))
            .setPrefix(prefix)
            .setForm(Form.FORM_JSON)
            .setResume(resumeBytes())
            .build();
    var stopped = new Thread(this::printToken);
    Runtime.getRuntime().addShutdownHook(stopped);
    try (var client = node.connect()) {
      client.watch(request, this::part);
    } finally {
      finish(stopped);
    }
    return ExitCode.DONE;
  }

  // Whoever stops the process runs the hook; any other end prints the token here.
  private void finish(Thread stopped) {
    try {
      if (Runtime.getRuntime().removeShutdownHook(stopped)) {
        printToken();
      }
    } catch (IllegalStateException alreadyStopping) {
      spec.commandLine().getOut().flush();
    }
  }

  private ByteString resumeBytes() throws CommandFailure {
    try {
      return resume.isEmpty()
          ? ByteString.EMPTY
          : ByteString.copyFrom(Token.fromText(resume.get()).toBytes());
    } catch (MalformedException refused) {
      throw CommandFailure.usage("not a token (" + refused.getMessage() + ")");
    }
  }

  private boolean part(WatchResponse part) {
    part.getChangesList().forEach(this::print);
    seen += part.getChangesCount();
    if (part.getLast()) {
      token = part.getToken();
    }
    spec.commandLine().getOut().flush();
    return !(limit > 0 && seen >= limit && part.getLast());
  }

  private void print(Entry change) {
    PrintWriter out = spec.commandLine().getOut();
    var reading = change.getReading();
    var value = reading.hasTooLarge() ? "\"(too large)\"" : reading.getJson();
    if (isJson) {
      out.println(
          "{\"key\":"
              + JsonText.write(new Value.Text(change.getKey()))
              + ",\"value\":"
              + value
              + "}");
    } else {
      var text = value.equals("null") ? "(removed)" : ViewText.visible(value);
      out.println(ViewText.line(change.getKey()) + "\t" + text);
    }
  }

  private void printToken() {
    var last = token;
    if (last.isEmpty()) {
      return;
    }
    var out = spec.commandLine().getOut();
    var text = java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(last.toByteArray());
    out.println(isJson ? "{\"token\":\"" + text + "\"}" : "token " + text);
    out.flush();
  }
}

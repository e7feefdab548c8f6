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
import io.starling.proto.v1.WatchEvent;
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

  @Option(names = "--state", description = "prints what is there first, then what changes")
  private boolean withState;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "stops after the group that has the N-th change (default: never)")
  private long limit;

  @Option(
      names = "--json",
      description = "prints an object a line: {\"event\", \"key\", \"removed\", \"value\"}")
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
            .setChangesOnly(resume.isEmpty() && !withState)
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
    boolean isAtToken = false;
    for (var event : part.getEventsList()) {
      isAtToken = take(event);
    }
    spec.commandLine().getOut().flush();
    return !(limit > 0 && seen >= limit && isAtToken);
  }

  /// Whether the event has a token to resume with.
  private boolean take(WatchEvent event) {
    switch (event.getEventCase()) {
      case ROW -> print("row", event.getRow());
      case CHANGE -> print("change", event.getChange());
      case RESYNC -> printResync();
      case UP_TO_DATE -> {
        token = event.getUpToDate().getToken();
        return true;
      }
      case SNAPSHOT_BEGIN, SNAPSHOT_END, PING, EVENT_NOT_SET -> {}
    }
    return false;
  }

  private void print(String kind, Entry entry) {
    seen++;
    PrintWriter out = spec.commandLine().getOut();
    var reading = entry.getReading();
    var value = reading.hasTooLarge() ? "\"(too large)\"" : reading.getJson();
    if (isJson) {
      out.println(
          "{\"event\":\"%s\",\"key\":%s,\"removed\":%s,\"value\":%s}"
              .formatted(
                  kind,
                  JsonText.write(new Value.Text(entry.getKey())),
                  reading.getAbsent(),
                  value));
    } else {
      var text = reading.getAbsent() ? "(removed)" : ViewText.visible(value);
      out.println(ViewText.line(entry.getKey()) + "\t" + text);
    }
  }

  private void printResync() {
    var out = spec.commandLine().getOut();
    out.println(
        isJson
            ? "{\"event\":\"resync\"}"
            : "(the changes since the token are not known one by one; this is the state now, and"
                + " what is not in it was removed)");
  }

  private void printToken() {
    var last = token;
    if (last.isEmpty()) {
      return;
    }
    var out = spec.commandLine().getOut();
    var text = java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(last.toByteArray());
    out.println(isJson ? "{\"event\":\"up-to-date\",\"token\":\"" + text + "\"}" : "token " + text);
    out.flush();
  }
}

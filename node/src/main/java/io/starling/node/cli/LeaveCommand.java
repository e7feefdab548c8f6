package io.starling.node.cli;

import io.starling.crdt.value.Value;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.survey.AdminCall;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.Progress;
import io.starling.node.cli.terminal.TimeText;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `member leave --node N`.
@Command(
    name = "leave",
    description = {
      "Takes a running node out of its cluster for good, and waits until it has stopped.",
      "The node takes no writes any more, waits until others have all that it has, states that it",
      "leaves, and stops. If that does not come about in time it stays, and takes writes again.",
      "It comes back only by joining anew, with a new key, in a new directory."
    })
final class LeaveCommand implements Callable<Integer> {

  private static final String PLACE = "/api/v1/leaving";
  private static final long PAUSE_MILLIS = 200;
  private static final int SILENCES_MAX = 5;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();

  @Option(
      names = "--copies",
      paramLabel = "K",
      defaultValue = "1",
      description = "how many other members must have all that it has (default: 1)")
  private int copies = 1;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "10m",
      converter = TimeText.class,
      description = "when it gives up and stays, as in 90s or 2h (default: 10m)")
  private Duration timeout = Duration.ofMinutes(10);

  @Option(names = "--cancel", description = "has a node that is leaving stay, if it still can")
  private boolean isCancel;

  @Option(names = "--json", description = "prints {\"name\", \"left\", \"spaces\"}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, CommandFailure, LocalException, InterruptedException {
    var targets = node.targets();
    if (!spec.commandLine().getParseResult().hasMatchedOption("--node")) {
      throw CommandFailure.usage("--node is needed: which node is to leave");
    }
    var admin = AdminCall.to(targets);
    if (isCancel) {
      admin.ask("DELETE", PLACE, Optional.empty());
      print(
          admin.name() + " stays a member",
          new Fields().put("name", admin.name()).put("left", false));
      return ExitCode.DONE;
    }
    var asked = new Fields().put("copies", copies).put("timeoutMillis", timeout.toMillis()).json();
    var begun = AdminCall.parse(admin.ask("POST", PLACE, Optional.of(asked)));
    Map<String, Value> last;
    try (var progress = Progress.of(spec)) {
      last = await(admin, number(fields(begun, "leaving"), "run"), progress);
    }
    print(
        admin.name() + " has left the cluster, and stops",
        new Fields()
            .put("name", admin.name())
            .put("left", true)
            .put("spaces", last.getOrDefault("spaces", new Value.Null())));
    return ExitCode.DONE;
  }

  private void print(String text, Fields fields) {
    spec.commandLine().getOut().println(isJson ? fields.json() : ViewText.line(text));
  }

  /// What is said of the leaving when it is over.
  private static Map<String, Value> await(AdminCall admin, long run, Progress progress)
      throws CommandFailure, InterruptedException {
    int silences = 0;
    boolean isStated = false;
    while (true) {
      Map<String, Value> answer;
      try {
        answer = AdminCall.parse(admin.ask("GET", PLACE, Optional.empty()));
        silences = 0;
      } catch (CommandFailure silent) {
        if (silent.exitCode() != ExitCode.UNREACHABLE || ++silences > SILENCES_MAX) {
          throw isStated ? stopped(admin) : silent;
        }
        Thread.sleep(PAUSE_MILLIS);
        continue;
      }
      var leaving = fields(answer, "leaving");
      if (number(leaving, "run") != run) {
        throw CommandFailure.refused(stayed(admin, fields(answer, "stayed"), run));
      }
      var phase = text(leaving, "phase");
      if (phase.equals("left")) {
        return leaving;
      }
      isStated = phase.equals("announcing");
      if (isStated && isOver(text(leaving, "until"))) {
        throw CommandFailure.refused(
            admin.name()
                + " has stated that it leaves, but no other member has confirmed that yet; it takes"
                + " no writes, and stops as soon as one has");
      }
      progress.at(isStated ? "waiting until that is known" : text(leaving, "lacking"));
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private static CommandFailure stopped(AdminCall admin) {
    return CommandFailure.refused(
        admin.name()
            + " had stated that it leaves when it stopped answering; 'starling member list' at"
            + " another node says whether that is known; if not, start it again and it goes on");
  }

  private static String stayed(AdminCall admin, Map<String, Value> stayed, long run) {
    return number(stayed, "run") == run
        ? admin.name() + " stays a member: " + text(stayed, "why")
        : admin.name() + " was started again meanwhile, and is a member; ask it again";
  }

  private static boolean isOver(String until) {
    try {
      return Instant.now().isAfter(Instant.parse(until));
    } catch (DateTimeParseException foreign) {
      return false;
    }
  }

  private static Map<String, Value> fields(Map<String, Value> of, String name) {
    return of.get(name) instanceof Value.Struct(var fields) ? fields : Map.of();
  }

  private static String text(Map<String, Value> of, String name) {
    return of.get(name) instanceof Value.Text(var text) ? text : "";
  }

  private static long number(Map<String, Value> of, String name) {
    return of.get(name) instanceof Value.Int(long number) ? number : 0;
  }
}

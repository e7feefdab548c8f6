package io.starling.node.cli.backup;

import io.starling.crdt.value.Value;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.survey.AdminCall;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.Progress;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `backup create`.
@Command(
    name = "create",
    description = {
      "Has a running node make a backup of all its spaces, into the repository that its node.yaml",
      "names, and waits until it is whole. Chunks that are there already are not sent again."
    })
final class CreateCommand implements Callable<Integer> {

  private static final String PLACE = "/api/v1/backups";
  private static final long PAUSE_MILLIS = 200;
  private static final int SILENCES_MAX = 5;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();

  @Option(
      names = "--json",
      description =
          "prints {\"backup\", \"node\", \"chunks\", \"bytes\", \"addedChunks\", \"addedBytes\"}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, CommandFailure, LocalException, InterruptedException {
    var admin = AdminCall.to(node.targets());
    var begun = AdminCall.parse(admin.ask("POST", PLACE, Optional.of("{}")));
    long run = number(begun, "run");
    Map<String, Value> last;
    try (var progress = Progress.of(spec)) {
      last = await(admin, run, progress);
    }
    if (last.get("failure") instanceof Value.Text(var why)) {
      throw CommandFailure.refused("no backup was made: " + why);
    }
    print(admin.name(), last);
    return ExitCode.DONE;
  }

  /// What is said of the run when it has ended.
  private static Map<String, Value> await(AdminCall admin, long run, Progress progress)
      throws CommandFailure, InterruptedException {
    int silences = 0;
    while (true) {
      Map<String, Value> status;
      try {
        status = AdminCall.parse(admin.ask("GET", PLACE, Optional.empty()));
        silences = 0;
      } catch (CommandFailure silent) {
        if (silent.exitCode() != ExitCode.UNREACHABLE || ++silences > SILENCES_MAX) {
          throw silent;
        }
        Thread.sleep(PAUSE_MILLIS);
        continue;
      }
      if (status.get("last") instanceof Value.Struct(var last) && number(last, "run") >= run) {
        return last;
      }
      if (!(status.get("running") instanceof Value.Struct(var running))
          || number(running, "run") != run) {
        throw CommandFailure.refused(
            admin.name() + " was started again meanwhile, and knows of no backup; make it again");
      }
      progress.at(
          "%s, %,d rows, %s read, %s added"
              .formatted(
                  running.get("space") instanceof Value.Text(var space) ? space : "",
                  number(running, "rows"),
                  Sizes.of(number(running, "bytes")),
                  Sizes.of(number(running, "addedBytes"))));
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private void print(String name, Map<String, Value> last) {
    var backup = last.get("name") instanceof Value.Text(var text) ? text : "";
    var out = spec.commandLine().getOut();
    if (isJson) {
      out.println(
          new Fields()
              .put("backup", backup)
              .put("node", name)
              .put("chunks", number(last, "chunks"))
              .put("bytes", number(last, "bytes"))
              .put("addedChunks", number(last, "addedChunks"))
              .put("addedBytes", number(last, "addedBytes"))
              .json());
    } else {
      out.printf(
          "%s of %s is made: %s in %,d chunks, of which %,d are new; %s added%n",
          backup,
          name,
          Sizes.of(number(last, "bytes")),
          number(last, "chunks"),
          number(last, "addedChunks"),
          Sizes.of(number(last, "addedBytes")));
    }
  }

  private static long number(Map<String, Value> fields, String name) {
    return fields.get(name) instanceof Value.Int(long number) ? number : 0;
  }
}

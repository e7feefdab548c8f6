package io.starling.node.cli;

import io.starling.crdt.value.Value;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.CommandGroup;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.survey.AdminCall;
import io.starling.node.json.JsonText;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `log list|level`.
@Command(
    name = "log",
    description = "Shows and changes how much a node logs, until it is started again.",
    subcommands = {LogCommand.Loggers.class, LogCommand.Change.class})
final class LogCommand extends CommandGroup {

  private static final String PLACE = "/api/v1/logging";

  /// `log list`.
  @Command(name = "list", description = "Lists the loggers of a node with their levels.")
  static final class Loggers implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private NodeOptions node = new NodeOptions();

    @Option(
        names = "--json",
        description = "prints {\"loggers\":[{\"logger\", \"level\", \"changed\"}]}")
    private boolean isJson;

    @Override
    public Integer call() throws Exception {
      var answer = ask(node, "GET", PLACE, Optional.empty());
      var out = spec.commandLine().getOut();
      if (isJson) {
        out.println(answer);
      } else if (AdminCall.parse(answer).get("loggers") instanceof Value.Array(var loggers)) {
        loggers.forEach(it -> out.println(line(it)));
      }
      return ExitCode.DONE;
    }
  }

  /// `log level LOGGER LEVEL`.
  @Command(
      name = "level",
      description = "Changes the level of a logger of a node and of those below it.")
  static final class Change implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private NodeOptions node = new NodeOptions();

    @Option(names = "--json", description = "prints {\"logger\", \"level\", \"changed\"}")
    private boolean isJson;

    @Parameters(index = "0", paramLabel = "LOGGER", description = "ROOT, io.starling, or below")
    private String logger = "";

    @Parameters(
        index = "1",
        paramLabel = "LEVEL",
        description =
            "OFF, ERROR, WARN, INFO, DEBUG or TRACE; 'reset' takes earlier changes back. Below INFO"
                + " only io.starling and loggers below it go")
    private String level = "";

    @Override
    public Integer call() throws Exception {
      var place = PLACE + "/" + URLEncoder.encode(logger, StandardCharsets.UTF_8);
      var wanted = level.toUpperCase(Locale.ROOT);
      var body = new Value.Struct(new TreeMap<>(Map.of("level", new Value.Text(wanted))));
      var answer =
          wanted.equals("RESET")
              ? ask(node, "DELETE", place, Optional.empty())
              : ask(node, "PUT", place, Optional.of(JsonText.write(body)));
      var out = spec.commandLine().getOut();
      out.println(isJson ? answer : line(new Value.Struct(new TreeMap<>(AdminCall.parse(answer)))));
      return ExitCode.DONE;
    }
  }

  private static String ask(NodeOptions node, String method, String path, Optional<String> body)
      throws IOException, CommandFailure, LocalException, InterruptedException {
    return AdminCall.to(node.targets()).ask(method, path, body);
  }

  private static String line(Value entry) {
    if (!(entry instanceof Value.Struct(var fields))) {
      return "";
    }
    boolean isChanged = new Value.Bool(true).equals(fields.get("changed"));
    return "%-5s %s%s"
        .formatted(text(fields, "level"), text(fields, "logger"), isChanged ? "  (changed)" : "");
  }

  private static String text(Map<String, Value> fields, String name) {
    return fields.get(name) instanceof Value.Text(var text) ? text : "";
  }
}

package io.starling.node.cli;

import io.starling.crdt.value.Value;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.survey.AdminCall;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.json.JsonText;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `member held`.
@Command(
    name = "held",
    description = {
      "Shows the members that are evicted, what of theirs stands beyond the cut-off because another",
      "member had applied it, and what a node holds that nobody had applied."
    })
final class HeldCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();

  @Option(
      names = "--json",
      description =
          "prints {\"evicted\":[{\"id\", \"at\", \"spaces\":[{\"space\", \"held\","
              + " \"replicas\"}]}]}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, CommandFailure, LocalException, InterruptedException {
    var answer = AdminCall.to(node.targets()).ask("GET", "/api/v1/evictions", Optional.empty());
    var out = spec.commandLine().getOut();
    var fields = AdminCall.parse(answer);
    if (isJson) {
      out.println(JsonText.write(new Value.Struct(new TreeMap<>(fields))));
      return ExitCode.DONE;
    }
    var evicted = items(fields, "evicted");
    if (evicted.isEmpty()) {
      out.println("nobody is evicted");
    }
    evicted.forEach(member -> print(out, member));
    return ExitCode.DONE;
  }

  private static void print(PrintWriter out, SortedMap<String, Value> member) {
    out.println(text(member, "id") + "  evicted " + text(member, "at"));
    for (var space : items(member, "spaces")) {
      for (var replica : items(space, "replicas")) {
        long cut = number(replica, "cutOff");
        long stands = number(replica, "stands");
        long held = number(replica, "held");
        var keys =
            replica.get("keys") instanceof Value.Array(var names)
                ? String.join(", ", names.stream().map(ViewText::of).toList())
                : "";
        out.printf(
            "  %s  %s: cut off after batch %,d%s%s%n",
            text(space, "space"),
            text(replica, "replica"),
            cut,
            stands > cut ? ", stands up to %,d for others had applied it".formatted(stands) : "",
            held > 0 ? ", %,d held (%s)".formatted(held, keys) : "");
      }
    }
  }

  private static List<SortedMap<String, Value>> items(Map<String, Value> fields, String name) {
    return fields.get(name) instanceof Value.Array(var items)
        ? items.stream()
            .filter(Value.Struct.class::isInstance)
            .map(item -> ((Value.Struct) item).fields())
            .toList()
        : List.of();
  }

  private static String text(SortedMap<String, Value> fields, String name) {
    return fields.get(name) instanceof Value.Text(var text) ? ViewText.visible(text) : "";
  }

  private static long number(SortedMap<String, Value> fields, String name) {
    return fields.get(name) instanceof Value.Int(long number) ? number : 0;
  }
}

package io.starling.node.cli.context;

import io.starling.crdt.value.Value;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.CommandGroup;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.Surroundings;
import io.starling.node.cli.terminal.ViewText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `context list|use|show|set|remove`.
@Command(
    name = "context",
    description = {
      "Names clusters elsewhere, so that commands find them.",
      "They are kept in ~/.config/starling/contexts.yaml (or below $XDG_CONFIG_HOME), which only",
      "you can read. 'local' always stands for the cluster on this machine."
    },
    subcommands = {
      ContextCommand.Names.class,
      ContextCommand.Use.class,
      ContextCommand.Show.class,
      ContextSet.class,
      ContextCommand.Remove.class
    })
public final class ContextCommand extends CommandGroup {

  /// What all of them have.
  abstract static class Part implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();

    abstract boolean isJson();

    abstract void run(ContextFile file) throws IOException, CommandFailure;

    @Override
    public final Integer call() throws IOException, CommandFailure {
      run(ContextFile.of(Surroundings.of(spec)));
      return ExitCode.DONE;
    }

    final void say(String text, Fields json) {
      spec.commandLine().getOut().println(isJson() ? json.json() : text);
    }

    final Surroundings around() {
      return Surroundings.of(spec);
    }
  }

  private static Context find(Contexts contexts, String name) throws CommandFailure {
    return contexts
        .find(name)
        .orElseThrow(() ->
            CommandFailure.refused(
                "no context '" + name + "'; 'starling context list' has those there are"));
  }

  static Value json(Context context) {
    return new Fields()
        .put("name", context.name())
        .putTexts("nodes", context.nodes().stream().map(Object::toString).toList())
        .putText("ca", context.authority().map(Path::toString))
        .putText("token", context.shownToken())
        .putText("tokenFile", context.tokenFile().map(Path::toString))
        .putText("space", context.space())
        .struct();
  }

  private static String line(boolean isCurrent, String name, String nodes) {
    return String.format("%s %-16s %s", isCurrent ? "*" : " ", name, nodes);
  }

  /// `context list`.
  @Command(name = "list", description = "Lists the contexts; * marks the current one.")
  static final class Names extends Part {

    @Option(names = "--json", description = "prints {\"current\", \"contexts\":[{\"name\",...}]}")
    private boolean isJson;

    @Override
    boolean isJson() {
      return isJson;
    }

    @Override
    void run(ContextFile file) throws IOException, CommandFailure {
      var contexts = file.read();
      var current = contexts.current().orElse(Context.LOCAL);
      var json = new Fields().put("current", current);
      var lines = new StringBuilder();
      lines.append(line(current.equals(Context.LOCAL), Context.LOCAL, "(this machine)"));
      for (var context : contexts.all().values()) {
        var nodes = String.join(" ", context.nodes().stream().map(Object::toString).toList());
        lines
            .append(System.lineSeparator())
            .append(line(context.name().equals(current), context.name(), nodes));
      }
      json.put("contexts", contexts.all().values().stream().map(ContextCommand::json).toList());
      say(lines.toString(), json);
    }
  }

  /// `context use NAME`.
  @Command(name = "use", description = "Makes a context the current one; 'local' for none.")
  static final class Use extends Part {

    @Parameters(paramLabel = "NAME", description = "a context, or local")
    private String name = "";

    @Option(names = "--json", description = "prints {\"current\"}")
    private boolean isJson;

    @Override
    boolean isJson() {
      return isJson;
    }

    @Override
    void run(ContextFile file) throws IOException, CommandFailure {
      var contexts = file.read();
      if (name.equals(Context.LOCAL)) {
        file.write(contexts.using(Optional.empty()));
      } else {
        file.write(contexts.using(Optional.of(find(contexts, name).name())));
      }
      say("commands are now about '" + name + "'", new Fields().put("current", name));
    }
  }

  /// `context show [NAME]`.
  @Command(name = "show", description = "Shows a context, without its token's secret.")
  static final class Show extends Part {

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "(default: the current one)")
    private Optional<String> name = Optional.empty();

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
      var contexts = file.read();
      var wanted = name.or(() -> around().variable("STARLING_CONTEXT")).or(contexts::current);
      if (wanted.isEmpty() || wanted.get().equals(Context.LOCAL)) {
        var directory = DataOption.resolve(Optional.empty(), around()).toString();
        say(
            "local: the cluster in " + directory,
            new Fields().put("name", Context.LOCAL).put("directory", directory));
        return;
      }
      var context = find(contexts, wanted.get());
      var none = "(none)";
      var lines =
          List.of(
              "name    " + context.name(),
              "nodes   "
                  + String.join(" ", context.nodes().stream().map(Object::toString).toList()),
              "ca      " + context.authority().map(Path::toString).orElse(none),
              "token   "
                  + context
                      .shownToken()
                      .or(() -> context.tokenFile().map(it -> "in " + it))
                      .orElse(none),
              "space   " + context.space().map(ViewText::line).orElse(SpaceOption.MAIN));
      var json = new Fields();
      if (json(context) instanceof Value.Struct(var fields)) {
        fields.forEach(json::put);
      }
      say(String.join(System.lineSeparator(), lines), json);
    }
  }

  /// `context remove NAME`.
  @Command(name = "remove", description = "Forgets a context. The cluster is not touched.")
  static final class Remove extends Part {

    @Parameters(paramLabel = "NAME", description = "a context")
    private String name = "";

    @Option(names = "--json", description = "prints {\"removed\", \"current\"}")
    private boolean isJson;

    @Override
    boolean isJson() {
      return isJson;
    }

    @Override
    void run(ContextFile file) throws IOException, CommandFailure {
      var contexts = file.read();
      var fewer = contexts.without(find(contexts, name).name());
      file.write(fewer);
      var current = fewer.current().orElse(Context.LOCAL);
      boolean wasCurrent = contexts.current().filter(name::equals).isPresent();
      say(
          "removed '" + name + "'" + (wasCurrent ? "; commands are now about 'local'" : ""),
          new Fields().put("removed", name).put("current", current));
    }
  }
}

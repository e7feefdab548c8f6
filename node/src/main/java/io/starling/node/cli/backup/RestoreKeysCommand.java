package io.starling.node.cli.backup;

import io.starling.crdt.value.Value;
import io.starling.node.backup.Manifest;
import io.starling.node.backup.restore.KeyRestore;
import io.starling.node.backup.restore.KeyRestore.Action;
import io.starling.node.backup.restore.KeyRestore.Selection;
import io.starling.node.backup.restore.RunningSpace;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.context.SpaceOption;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.client.ClientException;
import io.starling.node.config.ConfigException;
import io.starling.node.json.JsonText;
import io.starling.node.local.LocalException;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `backup restore keys`.
@Command(
    name = "keys",
    description = {
      "Brings keys back as new writes into a cluster that runs, this or another one: what differs",
      "from the backup is assigned, added, counted by the difference. What the backup has not",
      "stays, unless --delete-extra is given. Running it again does nothing."
    })
final class RestoreKeysCommand implements Callable<Integer> {

  private static final int VALUE_SHOWN = 100;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RepositoryOptions options = new RepositoryOptions();
  @Mixin private NodeOptions node = new NodeOptions();
  @Mixin private SpaceOption space = new SpaceOption();

  @Parameters(paramLabel = "BACKUP", description = "name, beginning of a name, or 'latest'")
  private String named = "";

  @ArgGroup(multiplicity = "1")
  private Which which = new Which();

  /// Which keys.
  static final class Which {
    @Option(names = "--key", required = true, paramLabel = "KEY", description = "just this key")
    private Optional<String> key = Optional.empty();

    @Option(
        names = "--prefix",
        required = true,
        paramLabel = "PREFIX",
        description = "the keys that begin with it")
    private Optional<String> prefix = Optional.empty();

    @Option(names = "--all", required = true, description = "all keys of the space")
    private boolean isAll;

    private Selection selection() {
      return key.<Selection>map(Selection.One::new)
          .orElseGet(() -> new Selection.Beginning(isAll ? "" : prefix.orElseThrow()));
    }
  }

  @Option(
      names = "--into",
      paramLabel = "SPACE",
      description = "space to write to (default: the one that is restored)")
  private Optional<String> into = Optional.empty();

  @Option(
      names = "--delete-extra",
      description = "removes what the backup has not: keys, fields, elements")
  private boolean deletesExtra;

  @Option(names = "--dry-run", description = "says what would be written; writes nothing")
  private boolean isDryRun;

  @Option(
      names = "--json",
      description =
          "prints an object a line: {\"key\", \"action\", \"changes\":[{\"path\", \"op\","
              + " \"value\"}], \"kept\", \"why\"}, at the end {\"summary\":{\"unchanged\","
              + " \"written\", \"removed\", \"kept\", \"failed\", \"dryRun\"}}")
  private boolean isJson;

  @Override
  public Integer call()
      throws IOException, CommandFailure, ConfigException, ClientException, LocalException {
    var from = space.name(node);
    var target = into.orElse(from);
    if (target.equals(SpaceId.SYSTEM)) {
      throw CommandFailure.usage(
          "_system is what the cluster is administered with; it is restored with a node only");
    }
    KeyRestore.Summary summary;
    try (var repository = options.open()) {
      var backup = Manifest.find(repository, named);
      var entry =
          Manifest.read(repository, backup)
              .space(from)
              .orElseThrow(() ->
                  CommandFailure.refused("backup " + backup + " has no space '" + from + "'"));
      try (var client = node.connect()) {
        var restore =
            new KeyRestore(new RunningSpace(client, target), deletesExtra, isDryRun, this::print);
        summary = restore.run(repository, entry, which.selection());
      }
    }
    print(summary);
    return summary.failed() == 0 ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private void print(KeyRestore.Item item) {
    var out = spec.commandLine().getOut();
    var plan = item.plan();
    if (isJson) {
      var fields =
          new Fields()
              .put("key", plan.key())
              .put("action", item.action().name().toLowerCase(Locale.ROOT))
              .put("changes", plan.mutations().stream().map(RestoreKeysCommand::json).toList())
              .putTexts("kept", plan.kept());
      item.failure().ifPresent(why -> fields.put("why", why));
      out.println(fields.json());
      return;
    }
    out.println(word(item.action()) + ViewText.line(plan.key()));
    if (item.action() != Action.FAIL) {
      plan.mutations().forEach(it -> out.println("         " + ViewText.line(line(it))));
    }
    plan.kept().stream()
        .filter(it -> !it.equals(plan.key()))
        .forEach(it -> out.println("         kept: " + ViewText.line(it)));
    item.failure().ifPresent(why -> out.println("         " + ViewText.line(why)));
  }

  private String word(Action action) {
    return switch (action) {
      case WRITE -> isDryRun ? "would write   " : "written  ";
      case REMOVE -> isDryRun ? "would remove  " : "removed  ";
      case KEEP -> "kept     ";
      case FAIL -> "FAILED   ";
    };
  }

  private static String line(Mutation mutation) {
    var value = JsonText.write(value(mutation));
    var shown =
        value.length() > VALUE_SHOWN
            ? value.substring(0, VALUE_SHOWN) + "… (" + value.length() + " characters)"
            : value;
    return op(mutation) + " " + mutation.path() + (value.equals("null") ? "" : " " + shown);
  }

  private static Value json(Mutation mutation) {
    return new Fields()
        .put("path", mutation.path().toString())
        .put("op", op(mutation))
        .put("value", value(mutation))
        .struct();
  }

  private static String op(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Set _ -> "set";
      case Mutation.Increment _ -> "increment";
      case Mutation.SetFlag _ -> "flag";
      case Mutation.AddElement _ -> "add";
      case Mutation.RemoveElement _ -> "remove element";
      case Mutation.Merge _ -> "map";
      case Mutation.Remove _ -> "remove";
      case Mutation.Reset _ -> "reset";
    };
  }

  private static Value value(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Set(_, var value, _) -> value;
      case Mutation.Increment(_, long amount) -> new Value.Int(amount);
      case Mutation.SetFlag(_, boolean enabled, _) -> new Value.Bool(enabled);
      case Mutation.AddElement(_, var element, _) -> element;
      case Mutation.RemoveElement(_, var element, _) -> element;
      case Mutation.Merge(_, var patch, _) -> patch;
      case Mutation.Remove _, Mutation.Reset _ -> new Value.Null();
    };
  }

  private void print(KeyRestore.Summary summary) {
    var out = spec.commandLine().getOut();
    if (isJson) {
      var fields =
          new Fields()
              .put("unchanged", summary.unchanged())
              .put("written", summary.written())
              .put("removed", summary.removed())
              .put("kept", summary.kept())
              .put("failed", summary.failed())
              .put("dryRun", isDryRun)
              .struct();
      out.println(new Fields().put("summary", fields).json());
    } else {
      out.printf(
          isDryRun
              ? "%,d keys read as in the backup; %,d would be written, %,d removed, of %,d something"
                  + " is kept, %,d cannot be restored; nothing was written%n"
              : "%,d keys read as in the backup already; %,d are written, %,d removed, of %,d"
                  + " something is kept, %,d failed%n",
          summary.unchanged(),
          summary.written(),
          summary.removed(),
          summary.kept(),
          summary.failed());
    }
  }
}

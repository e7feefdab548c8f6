package io.starling.node.cli.backup;

import io.starling.crdt.value.Value;
import io.starling.node.backup.restore.KeyRestore;
import io.starling.node.backup.restore.KeyRestore.Action;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.json.JsonText;
import io.starling.replica.request.Mutation;
import java.io.PrintWriter;
import java.util.Locale;

/// What is said of keys that are brought back, for people or programs.
public final class RestoreReport {

  /// What it says to programs.
  public static final String JSON =
      "prints an object a line: {\"key\", \"action\", \"changes\":[{\"path\", \"op\","
          + " \"value\"}], \"kept\", \"why\"}, at the end {\"summary\":{\"unchanged\","
          + " \"written\", \"removed\", \"kept\", \"failed\", \"dryRun\"}}";

  private static final int VALUE_SHOWN = 100;

  private final PrintWriter out;
  private final String source;
  private final boolean isJson;
  private final boolean isDryRun;

  /// @param source where the keys come from, with its article
  public RestoreReport(PrintWriter out, String source, boolean isJson, boolean isDryRun) {
    this.out = out;
    this.source = source;
    this.isJson = isJson;
    this.isDryRun = isDryRun;
  }

  /// Prints what became of a key.
  public void item(KeyRestore.Item item) {
    var plan = item.plan();
    if (isJson) {
      var fields =
          new Fields()
              .put("key", plan.key())
              .put("action", item.action().name().toLowerCase(Locale.ROOT))
              .put("changes", plan.mutations().stream().map(RestoreReport::json).toList())
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

  /// Prints what came of it all.
  public void summary(KeyRestore.Summary summary) {
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
              ? "%,d keys read as in %s; %,d would be written, %,d removed, of %,d something"
                  + " is kept, %,d cannot be brought back; nothing was written%n"
              : "%,d keys read as in %s already; %,d are written, %,d removed, of %,d"
                  + " something is kept, %,d failed%n",
          summary.unchanged(),
          source,
          summary.written(),
          summary.removed(),
          summary.kept(),
          summary.failed());
    }
  }
}

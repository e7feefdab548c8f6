package io.starling.node.cli;

import io.starling.crdt.value.Value;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.context.SpaceOption;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.client.ClientException;
import io.starling.node.client.ClusterClient;
import io.starling.node.json.JsonText;
import io.starling.node.local.LocalException;
import io.starling.proto.v1.Entry;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.ScanRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `scan [PREFIX]`.
@Command(name = "scan", description = "Lists keys that begin with a prefix.")
final class ScanCommand implements Callable<Integer> {

  private static final int PAGE = 1_000;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();
  @Mixin private SpaceOption space = new SpaceOption();

  @Parameters(arity = "0..1", paramLabel = "PREFIX", description = "(default: all keys)")
  private String prefix = "";

  @Option(names = "--after", paramLabel = "KEY", description = "begins after this key")
  private String after = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "most keys to list; 0 for all (default: 100)")
  private long limit = 100;

  @Option(names = "--values", description = "with what each key reads, as JSON, after a tab")
  private boolean withValues;

  @Option(names = "--json", description = "prints an object a line: {\"key\", \"value\"}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
    if (limit < 0) {
      throw CommandFailure.usage("--limit is 0 or more");
    }
    try (var client = node.connect()) {
      list(client);
    }
    return ExitCode.DONE;
  }

  private void list(ClusterClient client) throws IOException, CommandFailure, ClientException {
    long left = limit == 0 ? Long.MAX_VALUE : limit;
    var request =
        ScanRequest.newBuilder()
            .setSpace(space.name(node))
            .setPrefix(prefix)
            .setAfter(after)
            .setValues(withValues)
            .setForm(Form.FORM_JSON);
    while (left > 0) {
      var page = client.scan(request.setLimit((int) Math.min(left, PAGE)).build());
      page.getEntriesList().forEach(this::print);
      left -= page.getEntriesCount();
      if (!page.getMore()) {
        return;
      }
      request.setAfter(page.getEntries(page.getEntriesCount() - 1).getKey());
    }
    var err = spec.commandLine().getErr();
    err.println(
        "there are more; go on with --after '" + ViewText.visible(request.getAfter()) + "'");
  }

  private void print(Entry entry) {
    var out = spec.commandLine().getOut();
    var value = entry.getReading().hasTooLarge() ? "\"(too large)\"" : entry.getReading().getJson();
    if (isJson) {
      var key = "{\"key\":" + JsonText.write(new Value.Text(entry.getKey()));
      out.println(key + (withValues ? ",\"value\":" + value : "") + "}");
    } else {
      out.println(
          ViewText.line(entry.getKey()) + (withValues ? "\t" + ViewText.visible(value) : ""));
    }
  }
}

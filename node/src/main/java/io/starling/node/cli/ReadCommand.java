package io.starling.node.cli;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.read.View;
import io.starling.node.api.wire.WireValues;
import io.starling.node.api.wire.WireViews;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.context.SpaceOption;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.client.ClientException;
import io.starling.node.json.JsonText;
import io.starling.node.local.LocalException;
import io.starling.proto.v1.Query;
import io.starling.proto.v1.ReadRequest;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// A command that prints what is at a place.
abstract class ReadCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();
  @Mixin private SpaceOption space = new SpaceOption();
  @Mixin private KeyArguments key = new KeyArguments();

  @Option(names = "--after", paramLabel = "ELEMENT", description = "of a set, the next page")
  private Optional<String> after = Optional.empty();

  @Option(
      names = "--elements",
      paramLabel = "N",
      defaultValue = "1000",
      description = "most elements of a set to show (default: 1000)")
  private int elementsMax = 1_000;

  abstract boolean isJson();

  @Override
  public final Integer call() throws IOException, CommandFailure, ClientException, LocalException {
    var path = key.path();
    var query = Query.newBuilder().setPath(WireValues.write(path)).setElementsMax(elementsMax);
    if (after.isPresent()) {
      query.setElementsAfter(WireValues.write(ValueText.parse(after.get(), isJson())));
    }
    var request = ReadRequest.newBuilder().setSpace(space.name(node)).addQueries(query).build();
    try (var client = node.connect()) {
      var reading = client.read(request).getReadings(0);
      if (reading.hasTooLarge()) {
        throw CommandFailure.refused(
            "'" + path + "' is too large for one answer; read it by --field, or by --elements");
      }
      print(WireViews.read(path, reading.getView()));
      return ExitCode.DONE;
    } catch (MalformedException foreign) {
      throw CommandFailure.refused(
          "an answer that cannot be read: " + foreign.getMessage(), foreign);
    }
  }

  private void print(View view) throws CommandFailure {
    var out = spec.commandLine().getOut();
    if (isJson()) {
      out.println(JsonText.write(view.toValue()));
    } else if (view instanceof View.Absent) {
      spec.commandLine().getErr().println("nothing at '" + key.path() + "'");
    } else {
      ViewText.of(view).forEach(out::println);
    }
  }
}

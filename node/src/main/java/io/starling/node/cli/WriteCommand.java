package io.starling.node.cli;

import io.starling.crdt.cell.Path;
import io.starling.node.api.wire.WireMutations;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.context.SpaceOption;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.client.ClientException;
import io.starling.node.local.LocalException;
import io.starling.proto.v1.Transaction;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// A command that makes one transaction at one place. When that is done it prints nothing, or with
/// `--json` how many operations it became and a token that covers it.
abstract class WriteCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();
  @Mixin private SpaceOption space = new SpaceOption();
  @Mixin private WriteOptions options = new WriteOptions();
  @Mixin private KeyArguments key = new KeyArguments();

  abstract boolean isJson();

  /// The mutations that the command stands for.
  abstract List<Mutation> mutations(Path path) throws IOException, CommandFailure;

  /// What a VALUE stands for, if it is `-`.
  final InputText input() {
    return InputText.of(spec);
  }

  @Override
  public final Integer call() throws IOException, CommandFailure, ClientException, LocalException {
    var transaction = Transaction.newBuilder();
    mutations(key.path())
        .forEach(mutation -> transaction.addMutations(WireMutations.write(mutation)));
    try (var client = node.connect()) {
      var answer = client.apply(options.request(space.name(node), transaction));
      options.keep(answer);
      if (isJson()) {
        spec.commandLine().getOut().println(WriteOptions.fields(answer).json());
      }
      WriteOptions.requireReached(answer);
      if (!isJson() && answer.hasDurability()) {
        spec.commandLine().getOut().println(answer.getDurability().getSummary());
      }
    }
    return ExitCode.DONE;
  }
}

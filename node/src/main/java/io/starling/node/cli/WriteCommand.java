package io.starling.node.cli;

import io.starling.crdt.cell.Path;
import io.starling.node.api.wire.WireMutations;
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

/// A command that makes one transaction at one place. It prints nothing when that is done.
abstract class WriteCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();
  @Mixin private SpaceOption space = new SpaceOption();
  @Mixin private WriteOptions options = new WriteOptions();
  @Mixin private KeyArguments key = new KeyArguments();

  /// The mutations that the command stands for.
  abstract List<Mutation> mutations(Path path) throws CommandFailure;

  @Override
  public final Integer call() throws IOException, CommandFailure, ClientException, LocalException {
    var transaction = Transaction.newBuilder();
    mutations(key.path())
        .forEach(mutation -> transaction.addMutations(WireMutations.write(mutation)));
    try (var client = node.connect()) {
      var answer = client.apply(options.request(space.name(), transaction));
      return answer.hasDurability()
          ? options.tell(answer.getDurability(), spec.commandLine().getOut())
          : ExitCode.DONE;
    }
  }
}

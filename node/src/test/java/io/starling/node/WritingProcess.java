package io.starling.node;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.config.NodeConfig;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/// A process of its own for [KillTest]: runs a node, writes without end, and says each key on its
/// standard output once it is acknowledged.
final class WritingProcess {

  private static final int OUTSTANDING = 8;

  private WritingProcess() {}

  public static void main(String[] arguments) throws Exception {
    var file = java.nio.file.Path.of(arguments[0]).resolve(NodeConfig.FILE);
    var node = Node.start(NodeConfig.read(file, Map.of()));
    var main = node.spaces().find("main").orElseThrow();
    var mayWrite = new Semaphore(OUTSTANDING);
    for (long i = 0; ; i++) {
      mayWrite.acquire();
      var key = arguments[1] + "/" + i;
      var set = new Mutation.Set(Path.of(key), new Value.Text(key), ReadRule.LATEST);
      main.submit("someone", Optional.empty(), List.of(set))
          .thenAccept(outcome -> {
            if (outcome instanceof Outcome.Committed) {
              // One call, so that lines of several threads do not mix.
              System.out.print(key + "\n");
              System.out.flush();
            }
            mayWrite.release();
          });
    }
  }
}

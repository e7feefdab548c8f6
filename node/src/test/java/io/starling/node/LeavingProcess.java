package io.starling.node;

import io.starling.crdt.value.Value;
import io.starling.node.hosting.TestNode;
import java.nio.file.Path;
import java.time.Duration;

/// A process of its own for [LeaveTest]: runs a node, writes a key, begins to leave, and says so
/// once it takes no writes any more.
final class LeavingProcess {

  private LeavingProcess() {}

  public static void main(String[] arguments) throws Exception {
    var node = TestCluster.start(Path.of(arguments[0]));
    var main = node.spaces().find("main").orElseThrow();
    TestNode.write(main, TestNode.set(arguments[1], "unseen"));
    var objection = node.leaving().begin(1, Duration.ofMinutes(5));
    var refused = TestNode.write(main, TestNode.set("late", "refused"));
    // One line, so that whoever reads it has all of it.
    System.out.print("leaving " + objection.isEmpty() + " " + refused + "\n");
    System.out.flush();
    Thread.sleep(Duration.ofMinutes(5));
    throw new AssertionError(new Value.Text("nobody has ended this process"));
  }
}

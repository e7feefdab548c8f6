package io.starling.node;

import io.starling.node.config.NodeConfig;
import java.util.Map;

/// A process of its own for [TransferKillTest]: runs a node, and says on its standard output what
/// its space `main` is at, whenever that is something else, and what it has.
final class CatchingUpProcess {

  private static final long LOOK_MILLIS = 5;

  private CatchingUpProcess() {}

  public static void main(String[] arguments) throws Exception {
    var file = java.nio.file.Path.of(arguments[0]).resolve(NodeConfig.FILE);
    var node = Node.start(NodeConfig.read(file, Map.of()));
    say("peer " + node.status().node().addresses().peer());
    var last = "";
    while (true) {
      var now = at(node);
      if (!now.equals(last)) {
        say(now);
      }
      last = now;
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private static String at(Node node) {
    var main = node.status().spaces().stream().filter(it -> it.name().equals("main")).findFirst();
    var status = main.orElseThrow().status();
    return status
        .catchingUp()
        .map(it -> it.phase() + " " + it.fetched() / 1_000 + " of " + it.cells())
        .orElseGet(() -> "HAS " + status.digest() + " " + status.token().toText());
  }

  private static void say(String line) {
    System.out.print(line + "\n");
    System.out.flush();
  }
}

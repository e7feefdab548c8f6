package io.starling.node.cli.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/// Whether a node that is stopped could listen where it is told to.
final class PortChecks {

  private PortChecks() {}

  static List<Finding> of(Installation node, boolean isRunning) throws IOException {
    var findings = new ArrayList<Finding>();
    for (var port : node.ports()) {
      if (port.address().getPort() == 0) {
        continue;
      }
      findings.add(isRunning ? used(node, port) : free(node, port));
    }
    return findings;
  }

  private static Finding used(Installation node, Installation.Port port) {
    return Finding.ok("port", node.name(), text(port) + " is served by the node");
  }

  private static Finding free(Installation node, Installation.Port port) throws IOException {
    if (canBind(port.address())) {
      return Finding.ok("port", node.name(), text(port) + " is free");
    }
    var owner = PortOwner.find(port.address().getPort());
    return Finding.fail(
        "port",
        node.name(),
        text(port) + " cannot be listened on: " + owner.orElse("something else uses it"),
        "stop that, or set another port in " + node.file());
  }

  private static String text(Installation.Port port) {
    return port.use() + " " + port.address().getHostString() + ":" + port.address().getPort();
  }

  private static boolean canBind(InetSocketAddress address) {
    try (var socket = new ServerSocket()) {
      // As servers do: a port that connections of before have not quite let go of is free.
      socket.setReuseAddress(true);
      socket.bind(address);
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}

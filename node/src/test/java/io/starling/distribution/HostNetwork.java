package io.starling.distribution;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Hosts on one switch, with addresses 192.0.2.11 and so on (RFC 5737: nobody's), which only they
/// can reach.
final class HostNetwork implements AutoCloseable {

  private static final int FIRST_ADDRESS = 11;

  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
  private final List<Host> hosts = new ArrayList<>();
  private final Host hub;

  private HostNetwork() throws IOException {
    hub = Host.bare("switch");
    toClose.push(hub);
  }

  static HostNetwork of(List<String> names, Path directory, Path archive, Path standIns)
      throws Exception {
    var network = new HostNetwork();
    try {
      network.hub.run("ip link add hub type bridge && ip link set hub up").orFail();
      for (var name : names) {
        var host =
            Host.of(
                name,
                directory.resolve("work-" + name),
                directory.resolve("shared"),
                archive,
                standIns);
        network.toClose.push(host);
        network.plugIn(host);
      }
      return network;
    } catch (Exception | Error broken) {
      network.close();
      throw broken;
    }
  }

  private void plugIn(Host host) throws IOException, InterruptedException {
    int last = FIRST_ADDRESS + hosts.size();
    hosts.add(host);
    // The switch's processes are numbered otherwise inside: the cable is laid from out here.
    hub.inItsNetwork(
            "ip link add to-%1$s type veth peer name eth0 netns %2$d && ip link set to-%1$s master hub up"
                .formatted(host.name(), host.first()))
        .orFail();
    host.run("ip addr add 192.0.2.%d/24 dev eth0 && ip link set eth0 up".formatted(last)).orFail();
  }

  Host host(String name) {
    return hosts.stream().filter(it -> it.name().equals(name)).findFirst().orElseThrow();
  }

  /// Cuts the link of a host, or heals it.
  void link(String name, boolean isUp) throws IOException, InterruptedException {
    hub.run("ip link set to-%s %s".formatted(name, isUp ? "up" : "down")).orFail();
  }

  @Override
  public void close() throws Exception {
    while (!toClose.isEmpty()) {
      toClose.pop().close();
    }
  }
}

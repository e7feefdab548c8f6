package io.starling.faults;

import io.starling.faults.Fault.Link;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;

/// The networks of the nodes, and what is between them: this process, in a network of its own.
///
/// Node n is `192.0.2.(11+n)` in its own network (RFC 5737: nobody's), and reaches nobody there but
/// this process, where each other node is `192.0.2.(101+n)`. So each packet between two nodes goes
/// through here, on two legs, and packets of clients, who are in this process, too, are none of
/// them.
final class Wires implements AutoCloseable {

  static final int PEER_PORT = 7412;
  private static final String CLIENTS = "192.0.2.1";
  private static final int FIRST = 11;
  private static final int FIRST_STAND_IN = 101;
  private static final Pattern COUNTED = Pattern.compile("counter packets (\\d+)");

  private final int nodes;
  private final List<SlowWay> ways = new ArrayList<>();
  private final LongAdder delayed = new LongAdder();
  private volatile long delayMillis;

  private Wires(int nodes) {
    this.nodes = nodes;
  }

  static Wires lay(int nodes) throws IOException, InterruptedException {
    var wires = new Wires(nodes);
    // The names of the networks are kept there.
    Commands.run(
        """
        mount -t tmpfs tmpfs /run
        ip link set lo up
        ip link add hub type bridge
        ip addr add %s/24 dev hub
        ip link set hub up
        """
            .formatted(CLIENTS));
    for (int node = 0; node < nodes; node++) {
      Commands.run(
          """
          ip netns add %1$s
          ip link add to-%1$s type veth peer name eth0 netns %1$s
          ip link set to-%1$s master hub up
          ip link set dev to-%1$s type bridge_slave isolated on
          ip addr add %3$s/24 dev hub
          ip -n %1$s addr add %2$s/24 dev eth0
          ip -n %1$s link set lo up
          ip -n %1$s link set eth0 up
          """
              .formatted(name(node), address(node), standIn(node)));
    }
    for (int node = 0; node < nodes; node++) {
      wires.ways.add(
          new SlowWay(
              new InetSocketAddress(standIn(node), PEER_PORT),
              new InetSocketAddress(address(node), PEER_PORT),
              Wires::standIn,
              wires::delay));
    }
    return wires;
  }

  private long delay() {
    long millis = delayMillis;
    if (millis > 0) {
      delayed.increment();
    }
    return millis;
  }

  static String name(int node) {
    return "node-" + (node + 1);
  }

  /// In its own network.
  static String address(int node) {
    return "192.0.2." + (FIRST + node);
  }

  /// Where others find it.
  static String standIn(int node) {
    return "192.0.2." + (FIRST_STAND_IN + node);
  }

  private static InetAddress standIn(InetAddress node) {
    try {
      var bytes = node.getAddress();
      bytes[3] += FIRST_STAND_IN - FIRST;
      return InetAddress.getByAddress(bytes);
    } catch (java.net.UnknownHostException wrongLength) {
      throw new IllegalStateException(wrongLength);
    }
  }

  /// Has a fault of the network begin.
  void begin(Fault fault) throws IOException, InterruptedException {
    delayMillis = fault.kind() == FaultKind.LATENCY ? fault.amount() : 0;
    filter(fault.cut(), fault.kind() == FaultKind.LOSS ? fault.amount() : 0);
  }

  /// Drops what a node answers to clients.
  static void silence(int node) throws IOException, InterruptedException {
    Commands.run(
        """
        nft -f - <<'END'
        table ip answers {
          chain in {
            type filter hook input priority 0
        %s  }
        }
        END
        """
            .formatted(rule(address(node), CLIENTS, "")));
  }

  /// Lets answers through again.
  ///
  /// @return how many packets were dropped
  static long unsilence() throws IOException, InterruptedException {
    long struck = dropped("answers");
    Commands.run("nft delete table ip answers");
    return struck;
  }

  /// Whether what goes wrong between nodes has met a packet, or bytes.
  boolean hasStruck() throws IOException, InterruptedException {
    return delayed.sum() > 0 || dropped("faults") > 0;
  }

  /// Ends whatever goes wrong between nodes.
  ///
  /// @return how many packets were dropped, or pieces of bytes came late
  long heal() throws IOException, InterruptedException {
    long struck = dropped("faults") + delayed.sumThenReset();
    delayMillis = 0;
    filter(List.of(), 0);
    return struck;
  }

  private static long dropped(String table) throws IOException, InterruptedException {
    return COUNTED
        .matcher(Commands.run("nft list table ip " + table))
        .results()
        .mapToLong(it -> Long.parseLong(it.group(1)))
        .sum();
  }

  /// Drops silently, all at once: on a link that is cut both legs, of lossy ones the sender's.
  private void filter(List<Link> cut, int lossPercent) throws IOException, InterruptedException {
    var in = new StringBuilder();
    var out = new StringBuilder();
    for (var link : cut) {
      in.append(rule(address(link.from()), standIn(link.to()), ""));
      out.append(rule(standIn(link.from()), address(link.to()), ""));
    }
    if (lossPercent > 0) {
      for (int node = 0; node < nodes; node++) {
        var chance = "numgen random mod 100 < " + lossPercent;
        in.append(rule(address(node), standIn(0) + "-" + standIn(nodes - 1), chance));
      }
    }
    Commands.run(
        """
        nft -f - <<'END'
        table ip faults
        delete table ip faults
        table ip faults {
          chain in {
            type filter hook input priority 0
        %s  }
          chain out {
            type filter hook output priority 0
        %s  }
        }
        END
        """
            .formatted(in, out));
  }

  private static String rule(String from, String to, String which) {
    return "    ip saddr %s ip daddr %s %s counter drop\n".formatted(from, to, which);
  }

  @Override
  public void close() throws IOException {
    for (var way : ways) {
      way.close();
    }
  }
}

package io.starling.simulation.network;

import io.starling.simulation.chance.Draws;
import io.starling.simulation.time.Agenda;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// One link in each direction between every two nodes; what was sent when a link is cut is lost.
public final class Network {

  private static final int SPOILED_BYTES_MAX = 3;

  private final Agenda agenda;
  private final Listener listener;
  private final List<Link> links = new ArrayList<>();
  private final int nodes;

  /// Learns what becomes of frames.
  public interface Listener {
    /// A frame has arrived, perhaps spoiled.
    void arrived(int from, int to, byte[] frame);

    /// Something was done to a frame.
    void injected(Fault fault, int from, int to);
  }

  /// What links do to frames.
  public enum Fault {
    DROP,
    CUT,
    DUPLICATE,
    REPLAY,
    REORDER,
    CORRUPT
  }

  private static final class Link {
    private final Draws draws;
    private LinkOptions options;
    private boolean isCut;
    // Counts the machines that were at either end.
    private int ends;
    private long lastArrivalNanos;
    private long cloggedUntilNanos;

    private Link(Draws draws, LinkOptions options) {
      this.draws = draws;
      this.options = options;
    }
  }

  public Network(int nodes, LinkOptions options, Agenda agenda, Draws draws, Listener listener) {
    this.nodes = nodes;
    this.agenda = agenda;
    this.listener = listener;
    for (int from = 0; from < nodes; from++) {
      for (int to = 0; to < nodes; to++) {
        links.add(new Link(draws.split(from + ">" + to), options));
      }
    }
  }

  /// Sends a frame.
  public void send(int from, int to, byte[] frame) {
    var link = link(from, to);
    var options = link.options;
    if (link.draws.perMille(options.dropPerMille())) {
      listener.injected(Fault.DROP, from, to);
      return;
    }
    long delay = options.delayLeast().toNanos() + link.draws.wait(options.delayMean());
    long arrival = Math.max(agenda.nowNanos() + delay, link.cloggedUntilNanos);
    if (link.draws.perMille(options.reorderPerMille())) {
      listener.injected(Fault.REORDER, from, to);
    } else {
      arrival = Math.max(arrival, link.lastArrivalNanos);
      link.lastArrivalNanos = arrival;
    }
    deliver(from, to, frame, arrival - agenda.nowNanos());
    if (link.draws.perMille(options.duplicatePerMille())) {
      listener.injected(Fault.DUPLICATE, from, to);
      deliver(from, to, frame, delay + link.draws.wait(options.delayMean()));
    }
    if (link.draws.perMille(options.replayPerMille())) {
      listener.injected(Fault.REPLAY, from, to);
      deliver(from, to, frame, delay + link.draws.wait(Duration.ZERO, options.replayAfter()));
    }
  }

  /// Whether a link is cut.
  public boolean isCut(int from, int to) {
    return link(from, to).isCut;
  }

  /// Cuts or mends the link of one direction.
  public void cut(int from, int to, boolean isCut) {
    link(from, to).isCut = isCut;
  }

  /// Gives the link of one direction other options.
  public void options(int from, int to, LinkOptions options) {
    link(from, to).options = options;
  }

  /// Holds back everything on a link for a while; nothing is lost.
  public void clog(int from, int to, long nanos) {
    var link = link(from, to);
    link.cloggedUntilNanos = Math.max(link.cloggedUntilNanos, agenda.nowNanos() + nanos);
  }

  /// Mends all links and gives them other options.
  public void mend(LinkOptions options) {
    for (var link : links) {
      link.isCut = false;
      link.cloggedUntilNanos = 0;
      link.options = options;
    }
  }

  /// Another machine is at a place from now on: what is under way to and from the one before is
  /// lost.
  public void replace(int place) {
    for (int other = 0; other < nodes; other++) {
      link(place, other).ends++;
      link(other, place).ends++;
    }
  }

  private void deliver(int from, int to, byte[] frame, long waitNanos) {
    var link = link(from, to);
    int ends = link.ends;
    boolean spoil = link.draws.perMille(link.options.corruptPerMille());
    byte[] bytes = spoil ? spoiled(frame, link.draws) : frame;
    if (spoil) {
      listener.injected(Fault.CORRUPT, from, to);
    }
    agenda.after(
        waitNanos,
        () -> {
          if (link.isCut || link.ends != ends) {
            listener.injected(Fault.CUT, from, to);
          } else {
            listener.arrived(from, to, bytes);
          }
        });
  }

  private static byte[] spoiled(byte[] frame, Draws draws) {
    var bytes = frame.clone();
    int changes = draws.between(1, SPOILED_BYTES_MAX);
    for (int i = 0; i < changes && bytes.length > 0; i++) {
      bytes[draws.below(bytes.length)] ^= (byte) draws.between(1, 255);
    }
    return bytes;
  }

  private Link link(int from, int to) {
    return links.get(from * nodes + to);
  }
}

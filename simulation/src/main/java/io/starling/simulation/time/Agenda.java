package io.starling.simulation.time;

import java.util.PriorityQueue;

/// Virtual time and what is to happen in it, in order of time, ties in the order of scheduling.
///
/// Nothing is ever taken off: whoever schedules something that may become pointless looks, when its
/// time has come, whether it still has a point. Time is in nanoseconds since the run began.
public final class Agenda {

  private final PriorityQueue<Entry> entries = new PriorityQueue<>();
  private long nowNanos;
  private long scheduled;

  private record Entry(long atNanos, long number, Runnable what) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry that) {
      int order = Long.compare(atNanos, that.atNanos);
      return order != 0 ? order : Long.compare(number, that.number);
    }
  }

  /// The time now.
  public long nowNanos() {
    return nowNanos;
  }

  /// Schedules something after a wait of 0 or more.
  public void after(long waitNanos, Runnable what) {
    if (waitNanos < 0) {
      throw new IllegalArgumentException("a wait of " + waitNanos + " ns");
    }
    entries.add(new Entry(nowNanos + waitNanos, scheduled++, what));
  }

  /// Lets the next thing happen, if it is due by then.
  ///
  /// @return whether something happened; if not, it is then now
  public boolean step(long untilNanos) {
    var next = entries.peek();
    if (next == null || next.atNanos() > untilNanos) {
      nowNanos = Math.max(nowNanos, untilNanos);
      return false;
    }
    entries.remove();
    nowNanos = next.atNanos();
    next.what().run();
    return true;
  }
}

package io.starling.simulation.trace;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/// What happened, a line for each event, hashed as it goes: two runs with one hash did the same.
public final class Trace {

  /// Last lines that are kept to be shown with a failure.
  public static final int TAIL_LINES = 60;

  private static final int HASH_DIGITS = 32;

  private final MessageDigest sha256 = sha256();
  private final Deque<String> tail = new ArrayDeque<>();
  private final Consumer<String> listener;
  private long lines;

  /// @param listener sees each line at once
  public Trace(Consumer<String> listener) {
    this.listener = listener;
  }

  /// Adds a line.
  ///
  /// @param atNanos virtual time
  /// @param who `node2 main`, `net 0>1`, `plan`
  public void line(long atNanos, String who, String what) {
    var line = seconds(atNanos) + "  " + who + "  " + what;
    sha256.update(line.getBytes(StandardCharsets.UTF_8));
    sha256.update((byte) '\n');
    lines++;
    if (tail.size() == TAIL_LINES) {
      tail.removeFirst();
    }
    tail.addLast(line);
    listener.accept(line);
  }

  /// How many lines there were.
  public long lines() {
    return lines;
  }

  /// The last lines.
  public List<String> tail() {
    return new ArrayList<>(tail);
  }

  /// The first 128 bits of the SHA-256 of all lines so far, hexadecimal.
  public String hash() {
    try {
      var copy = (MessageDigest) sha256.clone();
      return HexFormat.of().formatHex(copy.digest()).substring(0, HASH_DIGITS);
    } catch (CloneNotSupportedException impossible) {
      throw new AssertionError("the JDK's SHA-256 can be cloned", impossible);
    }
  }

  private static String seconds(long nanos) {
    long micros = nanos / 1_000;
    var fraction = Long.toString(1_000_000 + micros % 1_000_000).substring(1);
    return micros / 1_000_000 + "." + fraction;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JDK has SHA-256", impossible);
    }
  }
}

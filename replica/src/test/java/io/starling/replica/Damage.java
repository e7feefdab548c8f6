package io.starling.replica;

import java.util.Arrays;
import java.util.Random;

/// Small damage to bytes.
public final class Damage {

  private static final byte[] TELLING = {0, 1, 2, 0x7F, (byte) 0x80, (byte) 0xFE, (byte) 0xFF};

  private Damage() {}

  public static byte[] of(byte[] bytes, Random random) {
    int at = random.nextInt(bytes.length);
    return switch (random.nextInt(5)) {
      case 0 -> set(bytes, at, (byte) (bytes[at] ^ 1 << random.nextInt(8)));
      case 1 -> set(bytes, at, TELLING[random.nextInt(TELLING.length)]);
      case 2 -> insert(bytes, at, TELLING[random.nextInt(TELLING.length)]);
      case 3 -> insert(bytes, bytes.length, (byte) 0);
      default -> delete(bytes, at);
    };
  }

  private static byte[] set(byte[] bytes, int at, byte value) {
    var changed = bytes.clone();
    changed[at] = value;
    return changed;
  }

  private static byte[] insert(byte[] bytes, int at, byte value) {
    var longer = Arrays.copyOf(bytes, bytes.length + 1);
    System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
    longer[at] = value;
    return longer;
  }

  private static byte[] delete(byte[] bytes, int at) {
    var shorter = Arrays.copyOf(bytes, bytes.length - 1);
    System.arraycopy(bytes, at + 1, shorter, at, shorter.length - at);
    return shorter;
  }
}

package io.starling.crdt.encoding;

import java.util.Arrays;
import java.util.Random;

/// Small changes to bytes.
final class Mutations {

  private Mutations() {}

  static byte[] mutate(byte[] bytes, Random random) {
    int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
    return switch (random.nextInt(bytes.length == 0 ? 1 : 7)) {
      case 0 -> insert(bytes, bytes.length, random.nextInt());
      case 1 -> insert(bytes, at, random.nextInt());
      case 2 -> set(bytes, at, bytes[at] ^ 1 << random.nextInt(8));
      case 3 -> set(bytes, at, interesting(random));
      case 4 -> Arrays.copyOf(bytes, at);
      case 5 -> delete(bytes, at);
      default -> swap(bytes, at, random.nextInt(bytes.length), 1 + random.nextInt(30));
    };
  }

  private static int interesting(Random random) {
    int[] all = {0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF};
    return all[random.nextInt(all.length)];
  }

  private static byte[] insert(byte[] bytes, int at, int value) {
    var longer = new byte[bytes.length + 1];
    System.arraycopy(bytes, 0, longer, 0, at);
    System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
    longer[at] = (byte) value;
    return longer;
  }

  private static byte[] delete(byte[] bytes, int at) {
    var shorter = Arrays.copyOf(bytes, bytes.length - 1);
    System.arraycopy(bytes, at + 1, shorter, at, shorter.length - at);
    return shorter;
  }

  private static byte[] set(byte[] bytes, int at, int value) {
    var changed = bytes.clone();
    changed[at] = (byte) value;
    return changed;
  }

  /// Exchanges two stretches, as a forger would who sorts things otherwise.
  private static byte[] swap(byte[] bytes, int one, int other, int length) {
    int a = Math.min(one, other);
    int b = Math.max(one, other);
    int n = Math.min(length, Math.min(b - a, bytes.length - b));
    var changed = bytes.clone();
    System.arraycopy(bytes, a, changed, b, n);
    System.arraycopy(bytes, b, changed, a, n);
    return changed;
  }
}

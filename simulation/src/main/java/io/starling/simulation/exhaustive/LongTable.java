package io.starling.simulation.exhaustive;

import java.util.Arrays;

/// Numbers by 64-bit keys that are spread evenly or are made so, in one open table.
///
/// Sixteen bytes an entry and as much again where it is half full, which is why it is not a sorted
/// map: a search has tens of millions.
final class LongTable {

  /// What [#get] answers where nothing is.
  static final int NONE = -1;

  private long[] keys = new long[1 << 12];
  private int[] values = filled(keys.length);
  private int size;

  int get(long key) {
    return values[slot(key)];
  }

  /// @param value 0 or more
  /// @return whether the key is new; if it is not, it keeps its value
  boolean put(long key, int value) {
    int slot = slot(key);
    if (values[slot] != NONE) {
      return false;
    }
    keys[slot] = key;
    values[slot] = value;
    if (++size > keys.length / 2) {
      grow();
    }
    return true;
  }

  int size() {
    return size;
  }

  /// Spreads what may lie close together (the finalizer of SplitMix64).
  static long spread(long bits) {
    long z = bits + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private int slot(long key) {
    int mask = keys.length - 1;
    int slot = (int) spread(key) & mask;
    while (values[slot] != NONE && keys[slot] != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    var oldKeys = keys;
    var oldValues = values;
    keys = new long[oldKeys.length * 2];
    values = filled(keys.length);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != NONE) {
        int slot = slot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        values[slot] = oldValues[i];
      }
    }
  }

  private static int[] filled(int length) {
    var values = new int[length];
    Arrays.fill(values, NONE);
    return values;
  }
}

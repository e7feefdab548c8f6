package io.starling.simulation.exhaustive;

import java.util.Arrays;

/// A list of numbers that grows.
final class Ints {

  private int[] items = new int[1 << 10];
  private int size;

  void add(int item) {
    if (size == items.length) {
      items = Arrays.copyOf(items, size * 2);
    }
    items[size++] = item;
  }

  int get(int at) {
    return items[at];
  }

  int size() {
    return size;
  }
}

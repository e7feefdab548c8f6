package io.starling.replica;

import io.starling.crdt.cell.CellDigest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/// Other contents for cells such that the sum of all stays the same, by the k-tree of Wagner, A
/// Generalized Birthday Problem (2002): lists of candidates are joined in pairs where the sums'
/// lowest bits are zero, 16 more on each level, and all that is left on the last.
final class SteeredSum {

  /// Cells that are altered.
  static final int CELLS = 128;

  /// The value that every cell has; its bytes are where others are put.
  static final String PLACE = "00000000";

  private static final int CANDIDATES = 1 << 17;
  private static final int LEVEL_BITS = 16;
  private static final int MASK = (1 << LEVEL_BITS) - 1;

  private final List<byte[]> names;
  private final List<byte[]> honest;

  private SteeredSum(List<byte[]> names, List<byte[]> honest) {
    this.names = names;
    this.honest = honest;
  }

  /// Sums, and for each which two of the parts it is made of.
  private record Sums(long[] high, long[] low, int[] left, int[] right, int size) {}

  static List<byte[]> of(List<byte[]> names, List<byte[]> honest) {
    return new SteeredSum(names, honest).find();
  }

  private List<byte[]> find() {
    var parts = new TreeMap<Integer, Sums>();
    join(1, parts);
    var chosen = new ArrayList<byte[]>();
    choose(1, 0, parts, chosen);
    return chosen;
  }

  private void choose(int node, int index, TreeMap<Integer, Sums> parts, List<byte[]> chosen) {
    if (node >= CELLS) {
      chosen.add(content(node - CELLS, index));
      return;
    }
    var sums = parts.get(node);
    if (sums == null || sums.size() == 0) {
      throw new AssertionError("no other contents were found");
    }
    choose(2 * node, sums.left()[index], parts, chosen);
    choose(2 * node + 1, sums.right()[index], parts, chosen);
  }

  /// The sums of the subtree at a node, numbered as in a heap.
  private Sums join(int node, TreeMap<Integer, Sums> parts) {
    if (node >= CELLS) {
      return candidates(node - CELLS);
    }
    var left = join(2 * node, parts);
    var right = join(2 * node + 1, parts);
    int level =
        Integer.numberOfTrailingZeros(CELLS) - 1 - (31 - Integer.numberOfLeadingZeros(node));
    var joined = join(left, right, level * LEVEL_BITS, node == 1);
    parts.put(
        node, new Sums(new long[0], new long[0], joined.left(), joined.right(), joined.size()));
    return joined;
  }

  private Sums candidates(int cell) {
    var high = new long[CANDIDATES];
    var low = new long[CANDIDATES];
    var minus = CellDigest.ZERO;
    for (int i = 0; cell == CELLS - 1 && i < CELLS; i++) {
      minus = minus.plus(CellDigest.of(names.get(i), honest.get(i)));
    }
    var sha256 = CellDigest.sha256();
    for (int i = 0; i < CANDIDATES; i++) {
      var sum = CellDigest.of(sha256, names.get(cell), content(cell, i)).minus(minus);
      high[i] = sum.high();
      low[i] = sum.low();
    }
    return new Sums(high, low, new int[0], new int[0], CANDIDATES);
  }

  private static Sums join(Sums a, Sums b, int shift, boolean isLast) {
    int[] first = new int[MASK + 2];
    for (int i = 0; i < b.size(); i++) {
      first[bits(b, i, shift) + 1]++;
    }
    for (int i = 0; i <= MASK; i++) {
      first[i + 1] += first[i];
    }
    int[] next = first.clone();
    int[] order = new int[b.size()];
    for (int i = 0; i < b.size(); i++) {
      order[next[bits(b, i, shift)]++] = i;
    }
    var high = new long[CANDIDATES];
    var low = new long[CANDIDATES];
    int[] left = new int[CANDIDATES];
    int[] right = new int[CANDIDATES];
    int size = 0;
    for (int i = 0; i < a.size() && size < CANDIDATES; i++) {
      int wanted = -bits(a, i, shift) & MASK;
      for (int at = first[wanted]; at < first[wanted + 1] && size < CANDIDATES; at++) {
        int j = order[at];
        var sum = digest(a, i).plus(digest(b, j));
        if (!isLast || sum.equals(CellDigest.ZERO)) {
          high[size] = sum.high();
          low[size] = sum.low();
          left[size] = i;
          right[size++] = j;
        }
      }
    }
    return new Sums(high, low, Arrays.copyOf(left, size), Arrays.copyOf(right, size), size);
  }

  private static CellDigest digest(Sums sums, int i) {
    return new CellDigest(sums.high()[i], sums.low()[i]);
  }

  private static int bits(Sums sums, int i, int shift) {
    long word = shift < Long.SIZE ? sums.low()[i] : sums.high()[i];
    return (int) (word >>> shift) & MASK;
  }

  private byte[] content(int cell, int candidate) {
    byte[] content = honest.get(cell).clone();
    byte[] place = PLACE.getBytes(StandardCharsets.UTF_8);
    byte[] other = (Integer.toHexString(0x10000000 + candidate)).getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at + place.length <= content.length; at++) {
      if (Arrays.equals(content, at, at + place.length, place, 0, place.length)) {
        System.arraycopy(other, 0, content, at, other.length);
        return content;
      }
    }
    throw new AssertionError("the value is not there as it is");
  }
}

package io.starling.node.backup.repository;

/// Names of chunks, sixteen bytes of each: two that share these do not occur.
///
/// A repository may have millions, and a node has little memory to spare. Not thread-safe.
public final class ChunkSet {

  /// Most names; over it a repository is too large for one node to work on.
  public static final int SIZE_MAX = 1 << 25;

  private static final int SMALLEST = 1 << 10;

  // Open addressing; two longs for each place, both zero where it is free.
  private long[] places = new long[SMALLEST * 2];
  private final int sizeMax;
  private int size;

  public ChunkSet() {
    this(SIZE_MAX);
  }

  ChunkSet(int sizeMax) {
    this.sizeMax = sizeMax;
  }

  /// Adds a name.
  ///
  /// @return whether it was not there yet
  /// @throws RepositoryException at [#SIZE_MAX]
  public boolean add(ChunkId id) throws RepositoryException {
    int at = find(places, id.a(), id.b());
    if (isTaken(places, at)) {
      return false;
    }
    if (size >= sizeMax) {
      throw new RepositoryException(
          "the repository has more than " + sizeMax + " chunks; begin another one");
    }
    place(places, at, id.a(), id.b());
    size++;
    if (size > places.length / 4) {
      grow();
    }
    return true;
  }

  public boolean contains(ChunkId id) {
    return isTaken(places, find(places, id.a(), id.b()));
  }

  public int size() {
    return size;
  }

  private void grow() {
    var larger = new long[places.length * 2];
    for (int at = 0; at < places.length; at += 2) {
      if (isTaken(places, at)) {
        place(larger, find(larger, places[at], places[at + 1]), places[at], places[at + 1]);
      }
    }
    places = larger;
  }

  private static int find(long[] places, long a, long b) {
    int mask = places.length / 2 - 1;
    int slot = (int) b & mask;
    while (isTaken(places, 2 * slot) && (places[2 * slot] != a || places[2 * slot + 1] != b)) {
      slot = (slot + 1) & mask;
    }
    return 2 * slot;
  }

  private static boolean isTaken(long[] places, int at) {
    return (places[at] | places[at + 1]) != 0;
  }

  private static void place(long[] places, int at, long a, long b) {
    places[at] = a;
    places[at + 1] = b;
  }
}

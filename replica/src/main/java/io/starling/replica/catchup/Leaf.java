package io.starling.replica.catchup;

/// One of the leaves of a bucket.
record Leaf(int bucket, int leaf) implements Comparable<Leaf> {

  @Override
  public int compareTo(Leaf that) {
    return bucket == that.bucket
        ? Integer.compare(leaf, that.leaf)
        : Integer.compare(bucket, that.bucket);
  }
}

package io.starling.replica.catchup;

import io.starling.crdt.cell.CellDigest;
import io.starling.replica.message.Transfer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The sums of the leaves of some buckets.
final class LeafSums {

  private final int leafBits;
  private final SortedMap<Integer, CellDigest[]> buckets = new TreeMap<>();

  LeafSums(int leafBits, Iterable<Integer> wanted) {
    this.leafBits = leafBits;
    for (int bucket : wanted) {
      var leaves = new CellDigest[1 << leafBits];
      Arrays.fill(leaves, CellDigest.ZERO);
      buckets.put(bucket, leaves);
    }
  }

  boolean has(int bucket) {
    return buckets.containsKey(bucket);
  }

  /// The buckets, in order.
  Iterable<Integer> buckets() {
    return Collections.unmodifiableSet(buckets.keySet());
  }

  void add(CellWalk.Walked cell) {
    var leaves = buckets.get(cell.bucket());
    if (leaves != null) {
      int leaf = cell.leaf(leafBits);
      leaves[leaf] = leaves[leaf].plus(cell.digest());
    }
  }

  CellDigest sum(int bucket, int leaf) {
    var leaves = buckets.get(bucket);
    return leaves == null ? CellDigest.ZERO : leaves[leaf];
  }

  /// The sum of a bucket's leaves.
  CellDigest sum(int bucket) {
    var sum = CellDigest.ZERO;
    for (var leaf : buckets.getOrDefault(bucket, new CellDigest[0])) {
      sum = sum.plus(leaf);
    }
    return sum;
  }

  /// What is told of them.
  List<Transfer.BucketSums> told() {
    var told = new ArrayList<Transfer.BucketSums>();
    buckets.forEach((bucket, leaves) -> {
      var sums = new ArrayList<Long>(leaves.length);
      for (var leaf : leaves) {
        sums.add(leaf.low());
      }
      told.add(new Transfer.BucketSums(bucket, sums));
    });
    return told;
  }
}

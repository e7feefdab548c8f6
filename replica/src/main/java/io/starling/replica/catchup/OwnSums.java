package io.starling.replica.catchup;

import io.starling.crdt.cell.CellDigest;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.TransferEncoding;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// The cells that are here, summed up by bucket: what a donor is told of them, and where it has
/// others.
final class OwnSums {

  private final TreeMap<Integer, CellDigest> buckets = new TreeMap<>();
  private CellDigest total = CellDigest.ZERO;

  void add(int bucket, CellDigest more) {
    if (!more.equals(CellDigest.ZERO)) {
      buckets.merge(bucket, more, CellDigest::plus);
      total = total.plus(more);
    }
  }

  CellDigest total() {
    return total;
  }

  CellDigest sum(int bucket) {
    return buckets.getOrDefault(bucket, CellDigest.ZERO);
  }

  boolean isEmpty() {
    return buckets.isEmpty();
  }

  /// What a donor is told: half a sum for each group of buckets; nothing if there is nothing.
  List<Long> groups() {
    var groups = new ArrayList<Long>();
    for (int group = 0; !isEmpty() && group < TransferEncoding.GROUPS; group++) {
      int first = group * TransferEncoding.GROUP_BUCKETS;
      long sum = 0;
      for (var bucket : buckets.subMap(first, first + TransferEncoding.GROUP_BUCKETS).values()) {
        sum += bucket.low();
      }
      groups.add(sum);
    }
    return groups;
  }

  /// The buckets that differ from a donor's: it has told of those in groups that differ from what
  /// it was told, and has the others as it was told.
  ///
  /// @param told what was here when it was told
  List<Integer> differing(OwnSums told, List<Transfer.GroupSums> groups) {
    var theirs = new TreeMap<Integer, Long>();
    told.buckets.forEach((bucket, sum) -> theirs.put(bucket, sum.low()));
    for (var group : groups) {
      int first = group.group() * TransferEncoding.GROUP_BUCKETS;
      for (int i = 0; i < group.buckets().size(); i++) {
        theirs.put(first + i, group.buckets().get(i));
      }
    }
    var differing = new ArrayList<Integer>();
    for (int bucket = 0; bucket < Slots.BUCKETS; bucket++) {
      if (sum(bucket).low() != theirs.getOrDefault(bucket, 0L)) {
        differing.add(bucket);
      }
    }
    return differing;
  }
}

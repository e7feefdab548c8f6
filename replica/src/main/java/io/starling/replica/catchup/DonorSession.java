package io.starling.replica.catchup;

import io.starling.crdt.cell.CellDigest;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.message.TransferEncoding;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.state.DigestTree;
import io.starling.replica.state.Origins;
import io.starling.replica.state.StoredSpace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// One joiner's transfer, from one snapshot: first the sums of its cells are made anew where they
/// are to be compared, then what differs is sent in pages.
final class DonorSession implements AutoCloseable {

  /// Pages that a joiner may ask for ahead of the last it has.
  static final int WINDOW = 4;

  private static final int PAGE_BYTES = 128 * 1024;

  // Cells that are looked at in one go.
  private static final int STEP = 2_000;

  private final SpaceId space;
  private final StateSnapshot snapshot;
  private final StoredSpace stored;
  private final DigestTree kept;
  private final int leafBits;
  private final TreeMap<Integer, List<Long>> theirs = new TreeMap<>();
  private final Deque<Row> heads = new ArrayDeque<>();
  private final BitSet wanted = new BitSet();
  private final TreeMap<Long, Transfer.Page> sent = new TreeMap<>();
  private final List<Row> filling = new ArrayList<>();
  private Optional<LeafSums> mine = Optional.empty();
  private Optional<CellWalk> walk = Optional.empty();
  private CellDigest seen = CellDigest.ZERO;
  private boolean isWhole;
  private boolean isTold;
  private boolean isCompared;
  private boolean isOver;
  private int fillingBytes;
  private long nextPage;
  private long asked = -1;

  DonorSession(SpaceId space, StateSnapshot snapshot) {
    this.space = space;
    this.snapshot = snapshot;
    this.stored = new StoredSpace(snapshot);
    this.kept = new DigestTree(snapshot);
    this.leafBits = Slots.leafBits(kept.cells(), Slots.BUCKETS);
  }

  /// What the snapshot is, and where it differs from what a joiner has.
  Transfer.Offer offer(List<Long> groups) {
    isWhole = groups.isEmpty();
    var differing = new ArrayList<Transfer.GroupSums>();
    for (int group = 0; group < groups.size(); group++) {
      var sums = new ArrayList<Long>();
      var total = CellDigest.ZERO;
      for (int i = 0; i < TransferEncoding.GROUP_BUCKETS; i++) {
        var sum = kept.sum(group * TransferEncoding.GROUP_BUCKETS + i);
        sums.add(sum.low());
        total = total.plus(sum);
      }
      if (total.low() != groups.get(group)) {
        differing.add(new Transfer.GroupSums(group, sums));
      }
    }
    var token = stored.token().orElseGet(() -> new Token(space, List.of()));
    return new Transfer.Offer(token, kept.total(), kept.cells(), leafBits, differing);
  }

  /// The joiner has told what it has.
  void told(Transfer.Leaves leaves) {
    if (isTold) {
      return;
    }
    for (var bucket : leaves.buckets()) {
      if (bucket.leaves().size() == 1 << leafBits) {
        theirs.put(bucket.bucket(), bucket.leaves());
      }
    }
    if (leaves.isLast()) {
      isTold = true;
      mine = Optional.of(new LeafSums(leafBits, theirs.keySet()));
      walk = Optional.of(new CellWalk(snapshot));
      if (isWhole) {
        beginToSend();
      }
    }
  }

  /// A page is asked for.
  ///
  /// @return it, if it was sent before
  Optional<Transfer.Page> get(long page) {
    asked = Math.max(asked, Math.min(page, nextPage + WINDOW));
    sent.headMap(page - WINDOW).clear();
    return Optional.ofNullable(sent.get(page));
  }

  boolean hasWork() {
    return !isOver && isTold && (!isCompared || nextPage <= asked);
  }

  List<Transfer> work() {
    return isCompared ? fill() : compare();
  }

  private List<Transfer> compare() {
    var sums = mine.orElseThrow();
    var cells = walk.orElseThrow();
    cells.some(
        STEP,
        cell -> {
          sums.add(cell);
          return true;
        });
    if (!cells.isDone()) {
      return List.of();
    }
    for (int bucket : theirs.keySet()) {
      if (!sums.sum(bucket).equals(kept.sum(bucket))) {
        return damaged();
      }
    }
    theirs.forEach((bucket, leaves) -> {
      for (int leaf = 0; leaf < 1 << leafBits; leaf++) {
        boolean isSame = leaf < leaves.size() && leaves.get(leaf) == sums.sum(bucket, leaf).low();
        if (!isSame) {
          wanted.set(bucket << leafBits | leaf);
        }
      }
    });
    beginToSend();
    return List.of();
  }

  private List<Transfer> damaged() {
    isOver = true;
    return List.of(
        new Transfer.Refused(
            Transfer.Reason.DAMAGED, "its sums are not those of its cells: its store is damaged"));
  }

  private void beginToSend() {
    for (var origin : stored.heads()) {
      heads.add(
          new Row.HeadRow(
              origin.replica(),
              origin.seq(),
              origin.hash(),
              origin.time(),
              origin.context(),
              stored.systemRow(origin.number())));
    }
    heads.addAll(Origins.closes(snapshot));
    wanted.stream()
        .forEach(
            index -> heads.add(new Row.LeafRow(index >> leafBits, index & (1 << leafBits) - 1)));
    walk = Optional.of(new CellWalk(snapshot));
    isCompared = true;
  }

  private List<Transfer> fill() {
    while (!heads.isEmpty() && fillingBytes < PAGE_BYTES) {
      add(heads.removeFirst());
    }
    var cells = walk.orElseThrow();
    if (fillingBytes < PAGE_BYTES) {
      cells.some(
          STEP,
          cell -> {
            if (isWhole || wanted.get(cell.bucket() << leafBits | cell.leaf(leafBits))) {
              var row = new Row.CellRow(cell.name(), cell.content());
              seen = seen.plus(CellDigest.of(row.name(), row.content()));
              add(row);
            }
            return fillingBytes < PAGE_BYTES;
          });
    }
    boolean isLast = cells.isDone() && heads.isEmpty();
    if (!isLast && fillingBytes < PAGE_BYTES) {
      return List.of();
    }
    if (isLast && isWhole && !seen.equals(kept.total())) {
      return damaged();
    }
    var page = new Transfer.Page(nextPage++, filling, isLast);
    sent.put(page.page(), page);
    filling.clear();
    fillingBytes = 0;
    isOver = isLast;
    return List.of(page);
  }

  private void add(Row row) {
    filling.add(row);
    fillingBytes += TransferEncoding.bytes(row);
  }

  static int bytes(Transfer.Page page) {
    return page.rows().stream().mapToInt(TransferEncoding::bytes).sum();
  }

  @Override
  public void close() {
    snapshot.close();
  }
}

package io.starling.replica.catchup;

import io.starling.crdt.causal.VersionVector;
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
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// One joiner's transfer, from one snapshot: what the snapshot is, then the sums of its cells made
/// anew where they are to be compared, then what differs in pages.
final class DonorSession implements AutoCloseable {

  /// Pages that a joiner may ask for ahead of the last it has.
  static final int WINDOW = 16;

  /// Bytes of a cell; a larger one cannot be sent.
  static final int CELL_BYTES_MAX = 64 << 20;

  /// What a member says that finds its own store damaged.
  static final String DAMAGE = "its sums are not those of its cells: its store is damaged";

  private static final int PAGE_BYTES = 128 * 1024;

  /// Bytes of a cell's content in one row.
  private static final int PIECE_BYTES = 64 * 1024;

  // Cells that are looked at in one go, and chain hashes.
  private static final int STEP = 2_000;
  private static final int HASHES_STEP = 64;

  private final StateSnapshot snapshot;
  private final StoredSpace stored;
  private final DigestTree kept;
  private final List<Long> groups;
  private final boolean withBranches;
  private final Token token;
  private final Chains chains;
  private final TreeMap<Integer, List<Long>> theirs = new TreeMap<>();
  private final Deque<Row> rows = new ArrayDeque<>();
  private final BitSet wanted = new BitSet();
  private final TreeMap<Long, Transfer.Page> sent = new TreeMap<>();
  private final List<Row> filling = new ArrayList<>();
  private Phase phase = Phase.OFFERING;
  private Optional<LeafSums> mine = Optional.empty();
  private Optional<CellWalk> walk = Optional.empty();
  private CellDigest seen = CellDigest.ZERO;
  private boolean hasTooLarge;
  private int part;
  private int leafBits;
  private int fillingBytes;
  private long nextPage;
  private long asked = -1;
  private long looked;

  private enum Phase {
    /// Collects the chain hashes that go along.
    OFFERING,
    /// Waits for the joiner's sums of leaves.
    OFFERED,
    /// Sums up the leaves of its own cells.
    COMPARING,
    /// Gives pages.
    GIVING,
    /// Has given the last, or refused.
    OVER
  }

  /// @param ask the joiner's sums, and what it wants to be told
  /// @param stable what all members have applied
  DonorSession(SpaceId space, StateSnapshot snapshot, Transfer.Ask ask, VersionVector stable) {
    this.snapshot = snapshot;
    this.stored = new StoredSpace(snapshot);
    this.groups = ask.groups();
    // Who has no cells compares no buckets.
    this.kept = isWhole() ? DigestTree.ofAll(snapshot) : new DigestTree(snapshot);
    this.withBranches = ask.withBranches();
    this.token = stored.token().orElseGet(() -> new Token(space, List.of()));
    this.chains = new Chains(snapshot, token, stable);
  }

  /// A part of what the joiner has in the buckets that differ.
  ///
  /// @return whether it fits what came before: a part may have been lost
  boolean told(Transfer.Leaves leaves) {
    if (phase != Phase.OFFERED) {
      return phase != Phase.OFFERING;
    }
    if (leaves.part() != part || part > 0 && leaves.leafBits() != leafBits) {
      return false;
    }
    part++;
    leafBits = leaves.leafBits();
    leaves.buckets().forEach(bucket -> theirs.put(bucket.bucket(), bucket.leaves()));
    if ((long) theirs.size() << leafBits > Slots.LEAVES_MAX) {
      return false;
    }
    if (leaves.isLast()) {
      mine = Optional.of(new LeafSums(leafBits, theirs.keySet()));
      walk = Optional.of(new CellWalk(snapshot));
      phase = Phase.COMPARING;
      if (isWhole()) {
        beginToGive();
      }
    }
    return true;
  }

  private boolean isWhole() {
    return groups.isEmpty();
  }

  /// A page is asked for.
  ///
  /// @return it, if it was sent before
  Optional<Transfer.Page> get(long page) {
    asked = Math.max(asked, Math.min(page, nextPage + WINDOW));
    sent.headMap(page - WINDOW).clear();
    return Optional.ofNullable(sent.get(page));
  }

  /// Cells and hashes that were looked at so far.
  long looked() {
    return looked;
  }

  /// That the snapshot has.
  long cells() {
    return kept.cells();
  }

  boolean hasWork() {
    return switch (phase) {
      case OFFERING, COMPARING -> true;
      case GIVING -> nextPage <= asked;
      case OFFERED, OVER -> false;
    };
  }

  List<Transfer> work() {
    return switch (phase) {
      case OFFERING -> offer();
      case COMPARING -> compare();
      case GIVING -> give();
      case OFFERED, OVER -> List.of();
    };
  }

  private List<Transfer> offer() {
    looked += HASHES_STEP;
    if (!chains.some(HASHES_STEP)) {
      return List.of();
    }
    phase = Phase.OFFERED;
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
    return List.of(new Transfer.Offer(token, kept.total(), kept.cells(), chains.from(), differing));
  }

  private List<Transfer> compare() {
    var sums = mine.orElseThrow();
    var cells = walk.orElseThrow();
    cells.some(
        STEP,
        cell -> {
          sums.add(cell);
          looked++;
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
        if (leaves.get(leaf) != sums.sum(bucket, leaf).low()) {
          wanted.set(bucket << leafBits | leaf);
        }
      }
    });
    beginToGive();
    return List.of();
  }

  private List<Transfer> damaged() {
    return refused(Transfer.Reason.DAMAGED, DAMAGE);
  }

  private List<Transfer> refused(Transfer.Reason reason, String message) {
    phase = Phase.OVER;
    return List.of(new Transfer.Refused(reason, message));
  }

  private void beginToGive() {
    rows.addAll(stored.headRows());
    if (withBranches) {
      rows.addAll(stored.branchRows());
    }
    rows.addAll(Origins.closes(snapshot));
    rows.addAll(chains.rows());
    wanted.stream()
        .forEach(
            index -> rows.add(new Row.LeafRow(index >> leafBits, index & (1 << leafBits) - 1)));
    walk = Optional.of(new CellWalk(snapshot));
    phase = Phase.GIVING;
  }

  private List<Transfer> give() {
    var cells = walk.orElseThrow();
    fill();
    if (rows.isEmpty() && isRoom()) {
      cells.some(
          STEP,
          cell -> {
            looked++;
            if (isWhole() || wanted.get(cell.bucket() << leafBits | cell.leaf(leafBits))) {
              add(cell);
            }
            return rows.isEmpty() && isRoom();
          });
      fill();
    }
    if (hasTooLarge) {
      return refused(
          Transfer.Reason.TOO_LARGE, "it has a cell of more than " + CELL_BYTES_MAX + " bytes");
    }
    boolean isLast = cells.isDone() && rows.isEmpty();
    if (!isLast && isRoom()) {
      return List.of();
    }
    if (isLast && isWhole() && !seen.equals(kept.total())) {
      return damaged();
    }
    var page = new Transfer.Page(nextPage++, filling, isLast, fillingBytes);
    sent.put(page.page(), page);
    filling.clear();
    fillingBytes = 0;
    phase = isLast ? Phase.OVER : phase;
    return List.of(page);
  }

  private boolean isRoom() {
    return fillingBytes < PAGE_BYTES;
  }

  private void fill() {
    while (!rows.isEmpty() && isRoom()) {
      add(rows.removeFirst());
    }
  }

  /// A cell that is too large for a row goes in pieces.
  private void add(CellWalk.Walked cell) {
    byte[] name = cell.name();
    byte[] content = cell.content();
    seen = seen.plus(cell.digest(content));
    hasTooLarge |= content.length > CELL_BYTES_MAX;
    if (content.length <= PIECE_BYTES) {
      add(new Row.CellRow(name, content, false));
      return;
    }
    for (int at = 0; at < content.length; at += PIECE_BYTES) {
      int end = Math.min(content.length, at + PIECE_BYTES);
      rows.add(new Row.CellRow(name, Arrays.copyOfRange(content, at, end), end < content.length));
    }
  }

  private void add(Row row) {
    filling.add(row);
    fillingBytes += TransferEncoding.bytes(row);
  }

  @Override
  public void close() {
    snapshot.close();
  }
}

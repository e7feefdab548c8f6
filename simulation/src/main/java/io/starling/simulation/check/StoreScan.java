package io.starling.simulation.check;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.replica.Effect;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import io.starling.replica.state.KeyHeader;
import io.starling.replica.state.StoredSpace;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/// What the store keeps beside the cells follows from the cells: the digest, the sums of the
/// buckets, the headers. And the cells are those of the naive replica, byte for byte; where there
/// are forks, but for the names of branches, and counters by what all branches of a key have.
///
/// Scans the durable state: when a replica opens (recovered state is what was synced, replayed),
/// now and then in between, and at the end.
final class StoreScan implements Check {

  private static final int EVERY = 32;

  private final Model model;
  private final Evaluations evaluations =
      new Evaluations("I18 the store is what its batches make of it");
  private long writes;

  StoreScan(Model model) {
    this.model = model;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void opened(SimulatedSpace space) {
    scan(space);
  }

  @Override
  public void durable(SimulatedSpace space, List<Effect.Applied> applied) {
    // While more writes are pending the model is ahead of the disk.
    if (++writes % EVERY == 0 && space.disk().pending() == 0) {
      scan(space);
    }
  }

  @Override
  public void converged(World world) {
    world.present().forEach(node -> node.spaces().forEach(this::scan));
  }

  private void scan(SimulatedSpace space) {
    var state = space.disk().untouched();
    var cells = cells(state);
    var naive = model.replica(space).cells();
    boolean isForked = model.chronicle(space).isForked();
    var wanted = isForked ? NodeNames.summed(naive.values()) : text(naive.values());
    var found =
        isForked ? new NodeNames(model, space).renamed(cells.values()) : text(cells.values());
    evaluations.require(found.equals(wanted), () -> space + ": " + firstDifference(found, wanted));
    // Sums and headers are those of the cells that are joined already.
    if (!new StoredSpace(state).isJoining()) {
      requireDigests(space, state, cells);
      requireHeaders(space, state, cells);
    }
  }

  private static TreeMap<byte[], String> text(Collection<NaiveReplica.Kept> cells) {
    var text = new TreeMap<byte[], String>(Arrays::compareUnsigned);
    cells.forEach(kept -> text.put(kept.id().canonical(), kept.id() + " = " + kept.content()));
    return text;
  }

  private static TreeMap<byte[], NaiveReplica.Kept> cells(StatePort state) {
    var cells = new TreeMap<byte[], NaiveReplica.Kept>(Arrays::compareUnsigned);
    new StoredSpace(state)
        .cells(
            new byte[0],
            new byte[0],
            (id, content) -> {
              cells.put(id.canonical(), new NaiveReplica.Kept(id, content));
              return true;
            });
    return cells;
  }

  private void requireDigests(
      SimulatedSpace space, StatePort state, TreeMap<byte[], NaiveReplica.Kept> cells) {
    var sum = CellDigest.ZERO;
    for (var entry : cells.entrySet()) {
      byte[] content = CellEncoding.encode(entry.getValue().content(), ReplicaForm.FULL);
      sum = sum.plus(CellDigest.of(entry.getKey(), content));
    }
    var buckets = new CellDigest[] {CellDigest.ZERO};
    state.scan(
        Table.BUCKETS,
        new byte[0],
        new byte[0],
        (_, value) -> {
          buckets[0] = buckets[0].plus(digest(value));
          return true;
        });
    var scanned = sum;
    evaluations.require(
        buckets[0].equals(scanned),
        () -> space + " keeps buckets that sum to " + buckets[0] + ", its cells to " + scanned);
  }

  private void requireHeaders(
      SimulatedSpace space, StatePort state, TreeMap<byte[], NaiveReplica.Kept> cells) {
    var wanted = new TreeMap<String, KeyHeader>();
    for (var kept : cells.values()) {
      var key = kept.id().path().key();
      wanted.put(key, counted(wanted.getOrDefault(key, KeyHeader.NONE), kept.id(), kept.content()));
    }
    var found = new TreeMap<String, KeyHeader>();
    state.scan(
        Table.HEADERS,
        new byte[0],
        new byte[0],
        (key, value) -> {
          found.put(new String(key, StandardCharsets.UTF_8), KeyHeader.decode(value));
          return true;
        });
    evaluations.require(
        found.equals(wanted),
        () -> space + " keeps headers " + found + ", its cells make " + wanted);
  }

  /// Counts one more cell, in the words of [KeyHeader].
  private static KeyHeader counted(KeyHeader header, CellId id, Cell cell) {
    int live = cell.isLive() ? 1 : 0;
    boolean isRoot = id.path().isRoot();
    int mark = 0;
    int register = 0;
    int flag = 0;
    int share = 0;
    int element = 0;
    int contestedFlag = 0;
    int contestedElement = 0;
    switch (id.kind()) {
      case MAP -> mark = live;
      case REGISTER -> register = isRoot ? live : 0;
      case FLAG -> flag = isRoot ? live : 0;
      case COUNTER -> share = isRoot ? live : 0;
      case SET -> element = isRoot ? live : 0;
      case DISABLE_WINS_FLAG -> contestedFlag = isRoot ? live : 0;
      case REMOVE_WINS_SET -> contestedElement = isRoot ? live : 0;
    }
    return new KeyHeader(
        header.cells() + 1,
        header.marks() + (isRoot ? mark : live),
        header.registers() + register,
        header.flags() + flag,
        header.shares() + share,
        header.elements() + element,
        header.contestedFlags() + contestedFlag,
        header.contestedElements() + contestedElement);
  }

  private static CellDigest digest(byte[] value) {
    var in = new Decoder(value);
    try {
      return new CellDigest(in.u64(), in.u64());
    } catch (MalformedException broken) {
      throw new AssertionError("a bucket that cannot be read", broken);
    }
  }

  private static String firstDifference(
      TreeMap<byte[], String> found, TreeMap<byte[], String> wanted) {
    for (var entry : wanted.entrySet()) {
      var kept = found.get(entry.getKey());
      if (!entry.getValue().equals(kept)) {
        return "has " + kept + ", its batches make " + entry.getValue();
      }
    }
    for (var entry : found.entrySet()) {
      if (!wanted.containsKey(entry.getKey())) {
        return "has " + entry.getValue() + ", its batches make no such cell";
      }
    }
    return "no difference";
  }
}

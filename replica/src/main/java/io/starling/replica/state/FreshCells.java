package io.starling.replica.state;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/// The cells of another member's state that is taken over whole, in the fresh tables: written once,
/// as they will stay, and counted and summed up as they come. For a store that has no cells, this
/// saves it from joining each by itself.
///
/// Headers and sums are right only for cells that come in order of their stored names, from empty
/// tables on; else they are made anew by a scan.
///
/// Not thread-safe.
public final class FreshCells {

  // Rows that are looked at, or written, in one go.
  private static final int STEP = 2_000;

  private final Staging staging;
  private final ReplicaNumbers numbers;
  private final MessageDigest sha256 = CellDigest.sha256();
  private DigestTree sums = new DigestTree();
  private Optional<Counted> counted = Optional.empty();
  private byte[] last = new byte[0];
  private boolean isCounted;
  private Recount recount = Recount.NONE;

  /// What is done of a count that is made anew.
  private enum Recount {
    NONE,
    /// Takes out the headers that an earlier count has left.
    HEADERS,
    /// Takes out its sums.
    SUMS,
    CELLS
  }

  /// The key whose cells are coming.
  private record Counted(String key, KeyHeader header) {}

  FreshCells(Staging staging, ReplicaNumbers numbers) {
    this.staging = staging;
    this.numbers = numbers;
  }

  /// Whether there is none.
  public boolean isEmpty() {
    return staging.isEmpty(Table.FRESH_CELLS);
  }

  /// Drops all that is here.
  public void clear() {
    boolean isClear =
        isEmpty() && staging.isEmpty(Table.FRESH_HEADERS) && staging.isEmpty(Table.FRESH_BUCKETS);
    if (!isClear) {
      staging.clearFresh();
    }
    begin();
    isCounted = true;
  }

  /// Goes on with what an earlier session left, which is to be counted when all is there.
  public void resume() {
    begin();
  }

  private void begin() {
    sums = new DigestTree();
    counted = Optional.empty();
    last = new byte[0];
    isCounted = false;
    recount = Recount.NONE;
  }

  /// Adds a cell.
  ///
  /// @param name canonical
  /// @param content canonical
  /// @param digest of the cell
  public void put(CellId id, Cell cell, byte[] name, byte[] content, CellDigest digest) {
    byte[] stored = id instanceof CellId.Share ? id.encode(numbers) : name;
    staging.append(Table.FRESH_CELLS, stored, numbered(id.kind(), content));
    isCounted &= last.length == 0 || Arrays.compareUnsigned(last, stored) < 0;
    if (isCounted) {
      last = stored;
      count(id, cell, name, digest);
    }
  }

  private byte[] numbered(CellKind kind, byte[] content) {
    try {
      return CellEncoding.transcode(kind, content, ReplicaForm.FULL, numbers);
    } catch (MalformedException broken) {
      throw new AssertionError("a cell that was read", broken);
    }
  }

  /// Takes a cell out.
  ///
  /// @param stored the name as the store has it
  public void remove(byte[] stored) {
    staging.remove(Table.FRESH_CELLS, stored);
    isCounted = false;
  }

  private void count(CellId id, Cell cell, byte[] name, CellDigest digest) {
    var key = id.path().key();
    if (counted.filter(it -> it.key().equals(key)).isEmpty()) {
      flushHeader();
      counted = Optional.of(new Counted(key, KeyHeader.NONE));
    }
    var header = counted.orElseThrow().header().changed(id, Cell.empty(id.kind()), cell);
    counted = Optional.of(new Counted(key, header));
    sums.add(name, digest);
  }

  private void flushHeader() {
    counted.ifPresent(
        it -> staging.append(Table.FRESH_HEADERS, Layout.header(it.key()), it.header().encode()));
    counted = Optional.empty();
  }

  /// Does some of what is left when all cells are there: counts them, if they could not be counted
  /// as they came, and writes their sums.
  ///
  /// @return whether that was all
  public boolean finishSome() {
    if (!isCounted) {
      isCounted = recountSome();
      return false;
    }
    flushHeader();
    return sums.flushFresh(staging, STEP);
  }

  private boolean recountSome() {
    switch (recount) {
      case NONE -> {
        begin();
        recount = Recount.HEADERS;
      }
      case HEADERS -> {
        if (clearSome(Table.FRESH_HEADERS)) {
          last = new byte[0];
          recount = Recount.SUMS;
        }
      }
      case SUMS -> {
        if (clearSome(Table.FRESH_BUCKETS)) {
          last = new byte[0];
          recount = Recount.CELLS;
        }
      }
      case CELLS -> {
        return countSome();
      }
    }
    return false;
  }

  private boolean countSome() {
    int[] seen = {0};
    byte[] from = last.length == 0 ? last : Arrays.copyOf(last, last.length + 1);
    staging.scan(
        Table.FRESH_CELLS,
        from,
        new byte[0],
        (stored, content) -> {
          last = stored;
          recount(stored, content);
          return ++seen[0] < STEP;
        });
    return seen[0] < STEP;
  }

  private boolean clearSome(Table table) {
    int[] seen = {0};
    byte[] from = last;
    staging.scan(
        table,
        from,
        new byte[0],
        (key, _) -> {
          staging.remove(table, key);
          last = key;
          return ++seen[0] < STEP;
        });
    return seen[0] < STEP;
  }

  private void recount(byte[] stored, byte[] content) {
    try {
      var id = CellId.decode(stored, numbers);
      var cell = CellEncoding.decode(id.kind(), content, numbers);
      byte[] name = id instanceof CellId.Share ? id.canonical() : stored;
      byte[] canonical = CellEncoding.encode(cell, ReplicaForm.FULL);
      count(id, cell, name, CellDigest.of(sha256, name, canonical));
    } catch (MalformedException broken) {
      throw new AssertionError("a broken cell", broken);
    }
  }

  /// The sum over all that was counted.
  public CellDigest total() {
    return sums.total();
  }

  /// The sums of what was counted, to be used no more here.
  DigestTree sums() {
    return sums;
  }

  /// A state with the fresh cells in place of its own; all else is as it is.
  public static StatePort shown(StatePort state) {
    return new Shown(state);
  }

  private record Shown(StatePort state) implements StatePort {
    private static Table table(Table table) {
      return table == Table.CELLS ? Table.FRESH_CELLS : table;
    }

    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      return state.get(table(table), key);
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      state.scan(table(table), from, to, visitor);
    }
  }
}

package io.starling.replica.state;

import io.starling.crdt.cell.CanonicalCell;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
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

  // Rows that are looked at, or taken out, in one go.
  private static final int STEP = 2_000;

  // Sums that are written in one go: all, for a store takes many with less work.
  private static final int SUMS_STEP = 1 << 16;

  private final Staging staging;
  private final ReplicaNumbers numbers;
  private final CanonicalCell.Reader reader = new CanonicalCell.Reader();
  private DigestTree sums = new DigestTree();
  // Of the key whose cells are coming.
  private KeyHeader counted = KeyHeader.NONE;
  private String countedKey = "";
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
    counted = KeyHeader.NONE;
    last = new byte[0];
    isCounted = false;
    recount = Recount.NONE;
  }

  /// Adds a cell, whose replicas have numbers.
  public void put(CanonicalCell cell) {
    byte[] stored = numbers.name(cell);
    staging.append(Table.FRESH_CELLS, stored, numbers.content(cell));
    isCounted &= last.length == 0 || Arrays.compareUnsigned(last, stored) < 0;
    if (isCounted) {
      last = stored;
      count(cell);
    }
  }

  /// Takes a cell out.
  ///
  /// @param stored the name as the store has it
  public void remove(byte[] stored) {
    staging.remove(Table.FRESH_CELLS, stored);
    isCounted = false;
  }

  private void count(CanonicalCell cell) {
    if (!cell.path().key().equals(countedKey)) {
      flushHeader();
      countedKey = cell.path().key();
    }
    counted = counted.plus(cell.path(), cell.kind(), 1, cell.isLive() ? 1 : 0);
    sums.add(cell.slot(), cell.digest());
  }

  private void flushHeader() {
    if (counted.cells() > 0) {
      staging.append(Table.FRESH_HEADERS, Layout.header(countedKey), counted.encode());
    }
    counted = KeyHeader.NONE;
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
    return sums.flushFresh(staging, SUMS_STEP);
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
      byte[] canonical = CellEncoding.transcode(id.kind(), content, numbers, ReplicaForm.FULL);
      count(reader.read(id.canonical(), canonical));
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

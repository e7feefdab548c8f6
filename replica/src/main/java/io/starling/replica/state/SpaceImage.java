package io.starling.replica.state;

import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.replica.message.Token;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A space as a backup keeps it: rows from which [SpaceImport] makes a store that reads the same
/// and may go on as the old one would have.
///
/// | part | key | value |
/// |---|---|---|
/// | META | as in the store | as in the store |
/// | REQUESTS | place in order of arrival, as in the store | hash of principal and name, what it became |
/// | LOG | replica id, seq | as in the store |
/// | CELLS | canonical name | canonical content |
///
/// What follows from other rows is left out: headers, sums, and the stage of a join that is
/// pending, whose cells are shown joined. So an update changes the rows that it is about and few
/// others, and two nodes at one version vector have the same cells, byte for byte.
///
/// Not thread-safe; the state must not change meanwhile.
public final class SpaceImage {

  private final StatePort state;
  private final ReplicaNumbers numbers;
  private final StoredSpace space;

  /// What rows are about; each is read by itself, in this order.
  public enum Part {
    /// Replica numbers, heads, closes, the version vector.
    META,
    /// Named transactions that are remembered.
    REQUESTS,
    /// Signed batches, those that nobody else has among them.
    LOG,
    /// Cells in order of their names: the only part whose rows are in order of their keys for
    /// certain.
    CELLS
  }

  /// A row.
  public record Row(byte[] key, byte[] value) {}

  /// @param state a snapshot
  public SpaceImage(StatePort state) {
    this.state = state;
    this.numbers = new ReplicaNumbers(state);
    this.space = new StoredSpace(state);
  }

  /// The version vector with head hashes; empty if nothing was ever applied.
  public Optional<Token> token() {
    return space.token();
  }

  /// The sum over all cells that the store keeps; empty while it is that of cells that are not all
  /// joined.
  public Optional<DigestTree> kept() {
    return space.isJoining() ? Optional.empty() : Optional.of(new DigestTree(state));
  }

  /// The rows of a part, from the first on.
  public Rows rows(Part part) {
    return switch (part) {
      case META -> new Rows(Table.META, this::meta);
      case REQUESTS -> new Rows(Table.META, Layout.REQUESTS, this::request);
      case LOG -> new Rows(Table.LOG, this::logged);
      case CELLS -> new Cells();
    };
  }

  /// What a stored row is in the image; empty if it has no place there.
  private interface Shape {
    Optional<Row> of(byte[] key, byte[] value) throws MalformedException;
  }

  /// Rows that are read some at a time, so that nobody waits for whoever takes them.
  public sealed class Rows {
    private final Table table;
    private final byte[] to;
    private final Shape shape;
    private byte[] next;
    private boolean isDone;

    private Rows(Table table, Shape shape) {
      this(table, new byte[0], shape);
    }

    private Rows(Table table, byte[] prefix, Shape shape) {
      this.table = table;
      this.next = prefix;
      this.to = Layout.after(prefix);
      this.shape = shape;
    }

    /// The next rows, of about so many bytes together; none if there are no more.
    ///
    /// @throws StorageFailure if they cannot be read
    public List<Row> some(int bytes) {
      var rows = new ArrayList<Row>();
      while (rows.isEmpty() && !isDone) {
        read(bytes, rows);
      }
      return rows;
    }

    private void read(int bytes, List<Row> rows) {
      int[] seen = {0};
      isDone = true;
      source()
          .scan(
              table,
              next,
              to,
              (key, value) -> {
                take(key, value, rows);
                seen[0] += key.length + value.length;
                next = Arrays.copyOf(key, key.length + 1);
                isDone = seen[0] < bytes;
                return isDone;
              });
      if (isDone) {
        finish(rows);
      }
    }

    private void take(byte[] key, byte[] value, List<Row> rows) {
      try {
        var row = shape.of(key, value);
        if (row.isPresent()) {
          add(row.get(), rows);
        }
      } catch (MalformedException broken) {
        throw new StorageFailure(
            "a row of " + table + " is damaged (" + broken.getMessage() + ")", broken);
      }
    }

    StatePort source() {
      return state;
    }

    void add(Row row, List<Row> rows) throws MalformedException {
      rows.add(row);
    }

    void finish(List<Row> rows) {}
  }

  /// Cells, the shares of one counter in the order of their canonical names: a store has them in
  /// the order of its own numbers.
  private final class Cells extends Rows {
    private final List<Row> shares = new ArrayList<>();
    private Optional<Path> counter = Optional.empty();

    private Cells() {
      super(Table.CELLS, SpaceImage.this::cell);
    }

    @Override
    StatePort source() {
      return space.shown();
    }

    @Override
    void add(Row row, List<Row> rows) throws MalformedException {
      var id = CellId.decode(row.key(), ReplicaForm.FULL);
      var of = id.kind() == CellKind.COUNTER ? Optional.of(id.path()) : Optional.<Path>empty();
      if (!of.equals(counter)) {
        finish(rows);
        counter = of;
      }
      (of.isPresent() ? shares : rows).add(row);
    }

    @Override
    void finish(List<Row> rows) {
      shares.sort((a, b) -> Arrays.compareUnsigned(a.key(), b.key()));
      rows.addAll(shares);
      shares.clear();
    }
  }

  private Optional<Row> meta(byte[] key, byte[] value) {
    return isMeta(key) ? Optional.of(new Row(key, value)) : Optional.empty();
  }

  /// Whether a row of [Table#META] is neither of another part nor follows from other rows.
  static boolean isMeta(byte[] key) {
    return key.length > 0
        && !Arrays.equals(key, Layout.DIGEST_KEY)
        && !Arrays.equals(key, Layout.JOIN_KEY)
        && key[0] != Layout.REQUESTS[0]
        && key[0] != Layout.NAMED_REQUESTS[0];
  }

  private Optional<Row> request(byte[] key, byte[] hash) {
    return state
        .get(Table.META, Layout.request(hash))
        .map(made -> new Row(key, new Encoder(32).bytes(hash).raw(made).toBytes()));
  }

  private Optional<Row> logged(byte[] key, byte[] entry) throws MalformedException {
    var in = new Decoder(key);
    var replica = numbers.replica(in.u32());
    return Optional.of(new Row(new Encoder(32).replica(replica).u64(in.u64()).toBytes(), entry));
  }

  private Optional<Row> cell(byte[] name, byte[] content) throws MalformedException {
    var id = CellId.decode(name, numbers);
    var cell = CellEncoding.decode(id.kind(), content, numbers);
    byte[] canonical = id instanceof CellId.Share ? id.canonical() : name;
    return Optional.of(new Row(canonical, CellEncoding.encode(cell, ReplicaForm.FULL)));
  }
}

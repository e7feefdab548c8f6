package io.starling.replica.state;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.causal.Closes;
import io.starling.replica.causal.Past;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A space as its store shows it, without the engine: for reads at a snapshot.
///
/// Not thread-safe; as consistent as its port.
public final class StoredSpace {

  private final StatePort state;
  private final ReplicaNumbers numbers;
  private final boolean isJoining;

  public StoredSpace(StatePort stored) {
    this.numbers = new ReplicaNumbers(stored);
    var pending = PendingJoin.in(stored);
    this.isJoining = pending.isPresent();
    if (pending.isPresent()) {
      var closes = new Closes();
      StoredOrigins.closes(stored, numbers, closes);
      this.state = StagedCells.joined(stored, numbers, closes, pending.get());
    } else {
      this.state = stored;
    }
  }

  /// Whether cells are shown joined with what is staged, since not all of that is done.
  public boolean isJoining() {
    return isJoining;
  }

  /// The state with cells as they are shown.
  StatePort shown() {
    return state;
  }

  /// The version vector with head hashes; empty if nothing was ever applied.
  public Optional<Token> token() {
    return state
        .get(Table.META, Layout.TOKEN_KEY)
        .map(bytes -> {
          try {
            return Token.ofStore(bytes);
          } catch (MalformedException broken) {
            throw new AssertionError("a broken token", broken);
          }
        });
  }

  /// The space that this store is of; empty if it was never opened.
  public Optional<SpaceId> space() {
    return state
        .get(Table.META, Layout.FORMAT_KEY)
        .map(bytes -> {
          var in = new Decoder(bytes);
          try {
            in.varint();
            return new SpaceId(in.u64(), in.u64());
          } catch (MalformedException broken) {
            throw new AssertionError("a broken format", broken);
          }
        });
  }

  /// The heads of all replicas.
  public List<Origin> heads() {
    return StoredOrigins.heads(state, numbers);
  }

  /// The heads of all replicas, as they are told to others.
  public List<Transfer.Row.HeadRow> headRows() {
    return heads().stream()
        .map(origin ->
            new Transfer.Row.HeadRow(
                origin.replica(),
                origin.seq(),
                origin.hash(),
                origin.time(),
                origin.context(),
                systemRow(origin.number())))
        .toList();
  }

  /// What is applied of one replica.
  public Optional<Origin> head(ReplicaId replica) {
    var number = numbers.find(replica);
    if (number.isEmpty()) {
      return Optional.empty();
    }
    return state
        .get(Table.META, Layout.head(number.getAsInt()))
        .map(bytes -> StoredOrigins.head(number.getAsInt(), bytes, numbers));
  }

  /// The hash of an applied batch that the heads or the log know.
  public Optional<ChainHash> hash(ReplicaId replica, long seq) {
    var head = head(replica);
    if (head.isEmpty() || seq > head.get().seq()) {
      return Optional.empty();
    }
    if (seq == head.get().seq()) {
      return Optional.of(head.get().hash());
    }
    return log().hash(head.get().number(), seq);
  }

  /// What became of replicas that were forked. Costs a scan of what is mostly nothing.
  public Branches branches() {
    return new Branches(state);
  }

  /// Where branches begin, as it is told to others.
  public List<Transfer.Row.BranchRow> branchRows() {
    var branches = branches();
    return branches.rows(applied(branches));
  }

  /// What is applied, for who reads the names of branches.
  ///
  /// @param branches [#branches]
  public Branches.Applied applied(Branches branches) {
    return new Branches.Applied() {
      @Override
      public long seq(ReplicaId replica) {
        return head(replica).map(Origin::seq).orElse(0L);
      }

      @Override
      public Optional<ChainHash> hash(ReplicaId replica, long seq) {
        return branches
            .beginning(replica, seq)
            .filter(_ -> seq <= seq(replica))
            .or(() -> StoredSpace.this.hash(replica, seq));
      }
    };
  }

  /// A token as it reads here, be it made by one who did not know of a fork.
  public Token read(Token token) {
    var branches = branches();
    return branches.read(token, applied(branches)).token();
  }

  /// A token's vector, with what it implies of closed replicas.
  public Past past(Token token) {
    var closes = new Closes();
    StoredOrigins.closes(state, numbers, closes);
    return new Past(token.vector(), closes);
  }

  /// The vector of `_system` that the last batch of a replica carried.
  ///
  /// @param number the replica's
  public VersionVector systemRow(int number) {
    return state
        .get(Table.META, Layout.systemRow(number))
        .map(SystemRow::decode)
        .orElse(VersionVector.EMPTY);
  }

  public SpaceLog log() {
    return new SpaceLog(state);
  }

  /// The first name after all that begin with a prefix.
  public static byte[] after(byte[] prefix) {
    return Layout.after(prefix);
  }

  /// The header of a key. Costs one look-up; while a join is pending, a scan of the key's cells.
  public KeyHeader header(String key) {
    if (isJoining) {
      return counted(key);
    }
    return state
        .get(Table.HEADERS, Layout.header(key))
        .map(KeyHeader::decode)
        .orElse(KeyHeader.NONE);
  }

  private KeyHeader counted(String key) {
    var header = new KeyHeader[] {KeyHeader.NONE};
    byte[] prefix = Path.of(key).prefix();
    cells(
        prefix,
        prefix,
        (id, cell) -> {
          header[0] = header[0].changed(id, Cell.empty(id.kind()), cell);
          return true;
        });
    return header[0];
  }

  /// A cell; [Cell#empty] if there is none.
  public Cell cell(CellId id) {
    return state
        .get(Table.CELLS, id.encode(numbers))
        .map(content -> decode(id, content))
        .orElseGet(() -> Cell.empty(id.kind()));
  }

  /// Shows headers in order of their keys.
  ///
  /// @param from the first key's bytes
  /// @param prefix with which all keys shown begin
  public void headers(byte[] from, byte[] prefix, HeaderVisitor visitor) {
    if (isJoining) {
      countedHeaders(from, prefix, visitor);
      return;
    }
    state.scan(
        Table.HEADERS,
        from,
        Layout.after(prefix),
        (key, header) ->
            visitor.visit(new String(key, StandardCharsets.UTF_8), KeyHeader.decode(header)));
  }

  private void countedHeaders(byte[] from, byte[] prefix, HeaderVisitor visitor) {
    // A NUL at the end means: after that key. It is also what its cells' names go on with.
    boolean isAfter = from.length > 0 && from[from.length - 1] == 0;
    var next = Optional.of(isAfter ? Layout.after(from) : from);
    while (next.isPresent()) {
      var key = firstKey(next.get(), prefix);
      boolean isWanted = key.isPresent() && visitor.visit(key.get(), counted(key.get()));
      // Right after a key comes NUL, which no key has.
      next =
          isWanted
              ? key.map(it -> Layout.after(new Encoder().raw(Layout.header(it)).u8(0).toBytes()))
              : Optional.empty();
    }
  }

  private Optional<String> firstKey(byte[] from, byte[] prefix) {
    var found = new ArrayList<String>();
    cells(
        from,
        prefix,
        (id, _) -> {
          found.add(id.path().key());
          return false;
        });
    return found.stream().findFirst();
  }

  /// Shows the cells whose names begin with a prefix, in order.
  ///
  /// @param from the first name's bytes; the prefix itself for all
  public void cells(byte[] from, byte[] prefix, CellVisitor visitor) {
    state.scan(
        Table.CELLS,
        from,
        Layout.after(prefix),
        (name, content) -> {
          try {
            var id = CellId.decode(name, numbers);
            return visitor.visit(id, decode(id, content));
          } catch (MalformedException broken) {
            throw new AssertionError("a broken cell name", broken);
          }
        });
  }

  /// Sees headers; answers whether to go on.
  @FunctionalInterface
  public interface HeaderVisitor {
    boolean visit(String key, KeyHeader header);
  }

  /// Sees cells; answers whether to go on.
  @FunctionalInterface
  public interface CellVisitor {
    boolean visit(CellId id, Cell cell);
  }

  private Cell decode(CellId id, byte[] content) {
    try {
      return CellEncoding.decode(id.kind(), content, numbers);
    } catch (MalformedException broken) {
      throw new AssertionError("a broken cell " + id, broken);
    }
  }
}

package io.starling.replica.state;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Makes the store of a space from a [SpaceImage]: feed it the rows in the order of their parts,
/// make durable what [#take()] hands out, now and then and at the end.
///
/// Headers and sums are made from the cells, so the digest at the end is that of what was written,
/// not of what somebody once wrote down. Not thread-safe.
public final class SpaceImport {

  private final SpaceId space;
  private final Staging staging;
  private final ReplicaNumbers numbers;
  private final DigestTree digests;
  private final CellStore cells;
  private final Numbered numbered = new Numbered();

  /// @param store as it is at each read; empty
  /// @throws StorageFailure if it is not empty
  public SpaceImport(SpaceId space, StatePort store) {
    this.space = space;
    this.staging = new Staging(store);
    if (staging.get(Table.META, Layout.FORMAT_KEY).isPresent()) {
      throw new StorageFailure(
          "the store holds a space already", new IllegalStateException("not empty"));
    }
    this.numbers = new ReplicaNumbers(staging);
    this.digests = new DigestTree(staging);
    this.cells = new CellStore(staging, numbers, digests);
  }

  /// Takes the next row.
  ///
  /// @throws MalformedException if it is none of that part
  /// @throws StorageFailure if it is of another space, or of a newer layout
  public void add(SpaceImage.Part part, SpaceImage.Row row) throws MalformedException {
    switch (part) {
      case META -> meta(row);
      case REQUESTS -> request(row);
      case LOG -> {
        var in = new Decoder(row.key());
        int number = number(in.replica());
        staging.put(Table.LOG, Layout.log(number, in.u64()), row.value());
      }
      case CELLS -> {
        var id = CellId.decode(row.key(), numbered);
        cells.put(id, CellEncoding.decode(id.kind(), row.value(), numbered));
      }
    }
  }

  /// Hands over what was added since the last call. It must be made durable before the next row.
  public Changes take() {
    cells.flush();
    return staging.take();
  }

  /// The version vector that was restored; empty if nothing was ever applied.
  public Optional<Token> token() {
    return new StoredSpace(staging).token();
  }

  /// The sum over the cells that were added.
  public CellDigest digest() {
    return digests.total();
  }

  /// How many cells were added.
  public long cells() {
    return digests.cells();
  }

  private void meta(SpaceImage.Row row) throws MalformedException {
    if (!SpaceImage.isMeta(row.key())) {
      throw new MalformedException("a row that a backup does not keep");
    }
    checkMeta(row.key()[0], row.value());
    staging.put(Table.META, row.key(), row.value());
  }

  /// What a store takes for granted of its own rows, of those that are read meanwhile.
  private void checkMeta(byte kind, byte[] value) throws MalformedException {
    if (kind == Layout.FORMAT_KEY[0]) {
      SpaceState.checkFormat(value, space);
    } else if (kind == Layout.TOKEN_KEY[0]) {
      Token.ofStore(value);
    } else if (kind == Layout.REPLICAS[0] && new Decoder(value).u32() <= 0) {
      throw new MalformedException("a replica number that is none");
    }
  }

  /// The number of a replica, and nobody else's.
  private int number(ReplicaId replica) throws MalformedException {
    var number = numbers.find(replica);
    if (number.isEmpty() || !isNamed(number.getAsInt(), replica)) {
      throw new MalformedException("something of a replica that has no number");
    }
    return number.getAsInt();
  }

  private boolean isNamed(int number, ReplicaId replica) {
    var named = staging.get(Table.META, Layout.number(number));
    return named.isPresent()
        && Arrays.equals(named.get(), new Encoder().replica(replica).toBytes());
  }

  /// Replicas in full; only those that have a number.
  private final class Numbered implements ReplicaForm {
    private final Set<ReplicaId> known = new TreeSet<>();

    @Override
    public void write(Encoder out, ReplicaId replica) {
      FULL.write(out, replica);
    }

    @Override
    public ReplicaId read(Decoder in) throws MalformedException {
      var replica = FULL.read(in);
      if (!known.contains(replica)) {
        number(replica);
        known.add(replica);
      }
      return replica;
    }
  }

  private void request(SpaceImage.Row row) throws MalformedException {
    if (row.key().length == 0 || row.key()[0] != Layout.REQUESTS[0]) {
      throw new MalformedException("no place of a named transaction");
    }
    var in = new Decoder(row.value());
    byte[] hash = in.bytes();
    staging.put(Table.META, row.key(), hash);
    staging.put(Table.META, Layout.request(hash), in.rest());
  }
}

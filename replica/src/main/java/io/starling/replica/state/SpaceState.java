package io.starling.replica.state;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;

/// A space's state as the engine works on it: what is applied, the cells, their digests.
public final class SpaceState {

  private final Staging staging;
  private final ReplicaNumbers numbers;
  private final Origins origins;
  private final DigestTree digests;
  private final CellStore cells;
  private final Requests requests;

  /// Opens the state in a store, empty or not.
  ///
  /// @throws StorageFailure if the store is of another space or a newer version; it was not changed
  public SpaceState(SpaceId space, StatePort durable) {
    staging = new Staging(durable);
    checkFormat(space);
    numbers = new ReplicaNumbers(staging);
    origins = new Origins(space, staging, numbers);
    digests = new DigestTree(staging);
    cells = new CellStore(staging, numbers, digests);
    requests = new Requests(staging);
  }

  public Staging staging() {
    return staging;
  }

  public ReplicaNumbers numbers() {
    return numbers;
  }

  public Origins origins() {
    return origins;
  }

  public DigestTree digests() {
    return digests;
  }

  public CellStore cells() {
    return cells;
  }

  public Requests requests() {
    return requests;
  }

  /// All that was changed since the last call, to be persisted at once.
  public Changes flush() {
    cells.flush();
    origins.flush();
    return staging.take();
  }

  private void checkFormat(SpaceId space) {
    var format = new Encoder().varint(Layout.FORMAT).u64(space.high()).u64(space.low()).toBytes();
    var stored = staging.get(Table.META, Layout.FORMAT_KEY);
    if (stored.isEmpty()) {
      staging.put(Table.META, Layout.FORMAT_KEY, format);
      return;
    }
    var in = new Decoder(stored.get());
    try {
      long version = in.varint();
      if (version > Layout.FORMAT) {
        throw new StorageFailure(
            "the store is of format "
                + version
                + "; this version reads up to "
                + Layout.FORMAT
                + ": run the newer version again",
            new IllegalStateException("newer format"));
      }
      if (!new SpaceId(in.u64(), in.u64()).equals(space)) {
        throw new StorageFailure(
            "the store holds another space than " + space,
            new IllegalStateException("another space"));
      }
    } catch (MalformedException broken) {
      throw new StorageFailure("the store's format cannot be read", broken);
    }
  }
}

package io.starling.replica.state;

import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.port.Table;
import java.util.ArrayList;
import java.util.List;

/// Proofs of forks in the store. They are no part of the state: nothing reads otherwise for them.
public final class StoredForks {

  private final Staging staging;

  StoredForks(Staging staging) {
    this.staging = staging;
  }

  /// All, in order of their places.
  public List<ForkProof> all() {
    var proofs = new ArrayList<ForkProof>();
    staging.scan(
        Table.META,
        Layout.FORKS,
        Layout.after(Layout.FORKS),
        (_, bytes) -> {
          proofs.add(decode(bytes));
          return true;
        });
    return proofs;
  }

  /// The proof at a place where there is one.
  public ForkProof get(ForkProof.Place place) {
    return decode(staging.get(Table.META, Layout.fork(place)).orElseThrow());
  }

  public void put(ForkProof proof) {
    staging.put(Table.META, Layout.fork(proof.place()), proof.toBytes());
  }

  public void remove(ForkProof.Place place) {
    staging.remove(Table.META, Layout.fork(place));
  }

  private static ForkProof decode(byte[] bytes) {
    try {
      return ForkProof.fromBytes(bytes);
    } catch (MalformedException broken) {
      throw new AssertionError("a broken proof of a fork", broken);
    }
  }
}

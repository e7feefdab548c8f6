package io.starling.replica.state;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.causal.Closes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.util.ArrayList;
import java.util.List;

/// Reads heads and closes as a store holds them.
public final class StoredOrigins {

  private StoredOrigins() {}

  /// The heads of all replicas, by number.
  public static List<Origin> heads(StatePort state, ReplicaNumbers numbers) {
    var heads = new ArrayList<Origin>();
    state.scan(
        Table.META,
        Layout.HEADS,
        Layout.after(Layout.HEADS),
        (key, value) -> {
          heads.add(head(number(key), value, numbers));
          return true;
        });
    return heads;
  }

  /// Adds the closes of a store.
  public static void closes(StatePort state, ReplicaNumbers numbers, Closes closes) {
    closes(state, numbers, (replica, close, _) -> closes.add(replica, close));
  }

  /// Sees the closes of a store.
  @FunctionalInterface
  interface CloseVisitor {
    void visit(ReplicaId replica, Closes.Close close, ChainHash hash);
  }

  static void closes(StatePort state, ReplicaNumbers numbers, CloseVisitor visitor) {
    state.scan(
        Table.META,
        Layout.CLOSES,
        Layout.after(Layout.CLOSES),
        (key, hash) -> {
          showClose(key, numbers, visitor, ChainHash.ofBytes(hash));
          return true;
        });
  }

  static Origin head(int number, byte[] value, ReplicaNumbers numbers) {
    try {
      return Origin.decode(number, numbers.replica(number), value, numbers);
    } catch (MalformedException broken) {
      throw new AssertionError("a broken head", broken);
    }
  }

  static int number(byte[] key) {
    try {
      return new Decoder(key, 1, key.length - 1).u32();
    } catch (MalformedException broken) {
      throw new AssertionError("a broken key of a number", broken);
    }
  }

  private static void showClose(
      byte[] key, ReplicaNumbers numbers, CloseVisitor visitor, ChainHash hash) {
    try {
      var in = new Decoder(key, 1, key.length - 1);
      var replica = numbers.replica(in.u32());
      long seq = in.u64();
      var close = new Closes.Close(seq, numbers.replica(in.u32()), in.u64());
      visitor.visit(replica, close, hash);
    } catch (MalformedException broken) {
      throw new AssertionError("a broken close", broken);
    }
  }
}

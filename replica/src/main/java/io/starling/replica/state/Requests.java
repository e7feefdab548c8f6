package io.starling.replica.state;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.RequestKey;
import io.starling.replica.port.Table;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// The transactions that clients have given names, as far as they are remembered: the last
/// [#REMEMBERED_MAX] that were applied here, whoever made them.
///
/// Local bookkeeping: no digest and no read shows it, and nodes may remember differently.
public final class Requests {

  /// Named transactions remembered; the oldest is forgotten, and would be made again.
  public static final int REMEMBERED_MAX = 100_000;

  private static final int HASH_BYTES = 16;

  private final Staging staging;
  private final int remembered;
  private long first;
  private long next;

  Requests(Staging staging) {
    this(staging, REMEMBERED_MAX);
  }

  /// @param remembered how many; for tests fewer than usual
  Requests(Staging staging, int remembered) {
    this.staging = staging;
    this.remembered = remembered;
    staging.get(Table.META, Layout.REQUESTS_KEY).ifPresent(this::readBounds);
  }

  /// What became of a transaction.
  ///
  /// @param operations how many it became
  public record Made(long fingerprint, int operations) {}

  /// What a principal's transaction with a name has become.
  public Optional<Made> find(String principal, String name) {
    return staging.get(Table.META, Layout.request(hash(principal, name))).map(Requests::read);
  }

  /// Remembers a transaction, and forgets the oldest if there are too many.
  public void note(String principal, RequestKey request, int operations) {
    byte[] hash = hash(principal, request.name());
    var made = new Encoder(16).u64(request.fingerprint()).varint(operations);
    boolean isKnown = staging.get(Table.META, Layout.request(hash)).isPresent();
    staging.put(Table.META, Layout.request(hash), made.toBytes());
    if (!isKnown) {
      staging.put(Table.META, Layout.requestInOrder(next++), hash);
      if (next - first > remembered) {
        forget(first++);
      }
      var bounds = new Encoder(16).u64(first).u64(next);
      staging.put(Table.META, Layout.REQUESTS_KEY, bounds.toBytes());
    }
  }

  private void forget(long place) {
    byte[] key = Layout.requestInOrder(place);
    byte[] hash = staging.get(Table.META, key).orElseThrow();
    staging.remove(Table.META, key);
    staging.remove(Table.META, Layout.request(hash));
  }

  private void readBounds(byte[] bytes) {
    var in = new Decoder(bytes);
    try {
      first = in.u64();
      next = in.u64();
    } catch (MalformedException broken) {
      throw new AssertionError("broken bounds of the named transactions", broken);
    }
  }

  private static Made read(byte[] bytes) {
    var in = new Decoder(bytes);
    try {
      return new Made(in.u64(), Math.toIntExact(in.varint()));
    } catch (MalformedException broken) {
      throw new AssertionError("a broken record of a named transaction", broken);
    }
  }

  private static byte[] hash(String principal, String name) {
    byte[] both = (principal + '\0' + name).getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(ChainHash.of(both).bytes(), HASH_BYTES);
  }
}

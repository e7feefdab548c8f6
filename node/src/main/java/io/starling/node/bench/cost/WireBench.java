package io.starling.node.bench.cost;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.bench.Check;
import io.starling.replica.request.Mutation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// What a batch takes beyond the keys and values in it, before gRPC and TLS.
///
/// Every batch is that of a replica that has just applied one of each of two others, and so names
/// them. Nothing here depends on the machine.
public final class WireBench {

  private static final int OPERATIONS = 64;
  private static final int LARGE = 1_024;
  private static final int SMALL = 24;
  private static final double PAYLOAD_MOST = 1.01;
  private static final double SIGNED_MOST = 1.10;
  private static final long SEED = 6;

  private WireBench() {}

  /// What one batch takes.
  ///
  /// @param valueBytes of each operation's value
  /// @param payloadBytes of all keys and values
  /// @param unsignedBytes of the body, which is what is signed
  /// @param signedBytes of body and signature: what is sent, logged and relayed
  public record Row(
      int operations, int valueBytes, long payloadBytes, long unsignedBytes, long signedBytes) {

    /// What is sent, by what the client has given.
    public double overPayload() {
      return (double) signedBytes / payloadBytes;
    }

    /// What is sent, by what it would be without a signature.
    public double overUnsigned() {
      return (double) signedBytes / unsignedBytes;
    }

    /// What is aimed at.
    public Check check() {
      return valueBytes == LARGE
          ? Check.atMost("batch_over_payload_" + valueBytes, overPayload(), PAYLOAD_MOST)
          : Check.atMost("signed_over_unsigned_" + valueBytes, overUnsigned(), SIGNED_MOST);
    }
  }

  /// Measures.
  public static List<Row> run() {
    return List.of(row(LARGE), row(SMALL));
  }

  private static Row row(int valueBytes) {
    var writer = BenchReplica.inMemory(1);
    writer.write(mutations(valueBytes));
    for (int other = 2; other <= 3; other++) {
      writer.take(BenchReplica.inMemory(other).write(mutations(valueBytes)));
    }
    var mutations = mutations(valueBytes);
    var batch = writer.write(mutations);
    if (batch.batch().context().space().size() != 2) {
      throw new IllegalStateException("a batch that does not name the two others");
    }
    long payload = 0;
    for (var mutation : mutations) {
      payload += mutation.path().key().getBytes(StandardCharsets.UTF_8).length + valueBytes;
    }
    return new Row(mutations.size(), valueBytes, payload, batch.body().length, batch.bytes());
  }

  private static List<Mutation> mutations(int valueBytes) {
    var random = new Random(SEED);
    var mutations = new ArrayList<Mutation>();
    for (int i = 0; i < OPERATIONS; i++) {
      var key = Path.of("orders/" + (100_000 + random.nextInt(900_000)));
      mutations.add(new Mutation.Set(key, text(random, valueBytes), ReadRule.LATEST));
    }
    return mutations;
  }

  /// Text that does not compress much.
  static Value text(Random random, int bytes) {
    var text = new StringBuilder(bytes);
    for (int i = 0; i < bytes; i++) {
      text.append((char) random.nextInt('!', '~' + 1));
    }
    return new Value.Text(text.toString());
  }
}

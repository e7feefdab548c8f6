package io.starling.replica.request;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.value.Value;
import io.starling.crdt.value.ValueEncoding;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.RequestKey;
import java.util.List;
import java.util.regex.Pattern;

/// Makes request keys: the fingerprint of mutations is the same on every node and in every version
/// of the program.
public final class RequestKeys {

  // What goes unchanged through a header, a log and a shell. Batches may hold other names.
  private static final Pattern NAME = Pattern.compile("[!-~]{1," + RequestKey.NAME_BYTES_MAX + "}");

  private RequestKeys() {}

  /// The key of a transaction with a name; by whichever API it came, for a client that turns from
  /// one to another must not make a transaction twice.
  ///
  /// @throws IllegalArgumentException if it is no name; the message says why
  public static RequestKey of(String name, List<Mutation> mutations) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "an idempotency key is 1 to %d characters of ASCII, from ! to ~, without spaces"
              .formatted(RequestKey.NAME_BYTES_MAX));
    }
    var out = new Encoder(256);
    mutations.forEach(mutation -> write(out, mutation));
    return new RequestKey(name, ChainHash.of(out.toBytes()).first());
  }

  private static void write(Encoder out, Mutation mutation) {
    switch (mutation) {
      case Mutation.Set(var path, var value, var rule) ->
          place(out, 1, path).bytes(ValueEncoding.encode(value)).u8(rule.code());
      case Mutation.Increment(var path, long amount) -> place(out, 2, path).u64(amount);
      case Mutation.SetFlag(var path, boolean enabled, var bias) ->
          place(out, bias == Bias.ADD ? 3 : 9, path).u8(enabled ? 1 : 0);
      case Mutation.AddElement(var path, var element, var bias) ->
          value(place(out, bias == Bias.ADD ? 4 : 10, path), element);
      case Mutation.RemoveElement(var path, var element, var bias) ->
          value(place(out, bias == Bias.ADD ? 5 : 11, path), element);
      case Mutation.Merge(var path, var patch, boolean nullRemoves) ->
          value(place(out, 6, path), patch).u8(nullRemoves ? 1 : 0);
      case Mutation.Remove(var path) -> place(out, 7, path);
      case Mutation.Reset(var path, var seen) -> {
        place(out, 8, path).u8(seen.isPresent() ? 1 : 0);
        seen.ifPresent(tallies -> tallies.forEach(tally -> tally(out, tally)));
      }
    }
  }

  private static Encoder place(Encoder out, int tag, Path path) {
    out.u8(tag);
    path.write(out);
    return out;
  }

  private static Encoder value(Encoder out, Value value) {
    return out.bytes(ValueEncoding.encode(value));
  }

  private static void tally(Encoder out, NamedTally tally) {
    out.replica(tally.share().origin()).u64(tally.seen().seq());
    out.u32(tally.seen().index()).u64(tally.seen().total());
  }
}

package io.starling.node.member;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.replica.request.Mutation;
import java.time.Instant;
import java.util.TreeMap;

/// The statement that a member has left the cluster for good, at `left/FINGERPRINT` in `_system`.
/// The member makes it itself, last of all, when others have all that it has; nobody waits for it,
/// dials it or takes its links from then on. What it wrote stays valid for ever.
public final class Departure {

  /// Where these statements are: the rest of the key is the fingerprint.
  public static final String PREFIX = "left/";

  private static final String AT = "at";

  private Departure() {}

  /// States it.
  public static Mutation of(KeyFingerprint member, Instant now) {
    var fields = new TreeMap<String, Value>();
    fields.put(AT, new Value.Int(now.toEpochMilli()));
    return new Mutation.Set(Path.of(PREFIX + member), new Value.Struct(fields), ReadRule.LATEST);
  }

  /// When it was stated, by the member's clock; the epoch if it does not say so.
  public static Instant at(Value.Struct statement) {
    return statement.fields().get(AT) instanceof Value.Int(long millis)
        ? Instant.ofEpochMilli(millis)
        : Instant.EPOCH;
  }
}

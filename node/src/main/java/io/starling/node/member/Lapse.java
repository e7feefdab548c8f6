package io.starling.node.member;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.replica.request.Mutation;
import java.time.Instant;
import java.util.TreeMap;

/// The statement that nobody keeps log for a member any more, at `lapsed/FINGERPRINT` in `_system`.
/// It travels as any write does. The member itself takes it back as soon as it hears of it, for
/// then it is there again; it has lost nothing.
public final class Lapse {

  /// Where these statements are: the rest of the key is the fingerprint.
  public static final String PREFIX = "lapsed/";

  private Lapse() {}

  /// States it.
  public static Mutation of(KeyFingerprint member, Instant now) {
    var fields = new TreeMap<String, Value>();
    fields.put("at", new Value.Int(now.toEpochMilli()));
    return new Mutation.Set(path(member), new Value.Struct(fields), ReadRule.LATEST);
  }

  /// Takes it back.
  public static Mutation end(KeyFingerprint member) {
    return new Mutation.Remove(path(member));
  }

  private static Path path(KeyFingerprint member) {
    return Path.of(PREFIX + member);
  }
}

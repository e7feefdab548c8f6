package io.starling.node.member;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.request.Mutation;
import java.util.Base64;
import java.util.Optional;
import java.util.TreeMap;

/// The statement that a member's key is revoked, at `revoked/FINGERPRINT/HASH` in `_system`.
/// Whoever may write there may put it there: what counts is the signature of the authority.
public final class Eviction {

  /// Where these statements are; the rest of the key is the fingerprint, and a hash.
  public static final String PREFIX = "revoked/";

  private static final String STATEMENT = "statement";
  private static final int HASH_DIGITS = 16;

  private Eviction() {}

  /// States it.
  ///
  /// @param statement the binary form of the signed revocation
  public static Mutation of(KeyFingerprint member, byte[] statement) {
    var fields = new TreeMap<String, Value>();
    fields.put(STATEMENT, new Value.Text(Base64.getEncoder().encodeToString(statement)));
    var hash = ChainHash.of(new Encoder().bytes(statement).toBytes()).toString();
    var path = Path.of(PREFIX + member + "/" + hash.substring(0, HASH_DIGITS));
    return new Mutation.Set(path, new Value.Struct(fields), ReadRule.LATEST);
  }

  /// The statement in a document; empty if there is none.
  public static Optional<byte[]> statement(Value.Struct document) {
    if (!(document.fields().get(STATEMENT) instanceof Value.Text(var text))) {
      return Optional.empty();
    }
    try {
      return Optional.of(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }
}

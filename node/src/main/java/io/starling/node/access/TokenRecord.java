package io.starling.node.access;

import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.replica.request.Mutation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;

/// What `_system` holds of a token under `tokens/ID`: all but the secret.
///
/// @param hash of the token, salted
/// @param salt its own
/// @param role what its bearer may do
/// @param name by which people know it; empty for the first administrator's
/// @param created in milliseconds since 1970
public record TokenRecord(String hash, String salt, Role role, String name, long created) {

  /// Where the records are.
  public static final String PREFIX = "tokens/";

  private static final int SALT_BYTES = 16;

  /// The record of a new token that has no name.
  public static TokenRecord of(BearerToken token, Role role, Instant now) {
    return of(token, role, "", now);
  }

  /// The record of a new token.
  public static TokenRecord of(BearerToken token, Role role, String name, Instant now) {
    var salt = BearerToken.random(SALT_BYTES);
    return new TokenRecord(token.hash(salt), salt, role, name, now.toEpochMilli());
  }

  /// Where the record of a token is.
  public static Path path(String tokenId) {
    return Path.of(PREFIX + tokenId);
  }

  /// The mutation that writes the record.
  public Mutation write(String tokenId) {
    var fields = new TreeMap<String, Value>();
    fields.put("hash", new Value.Text(hash));
    fields.put("salt", new Value.Text(salt));
    fields.put("role", new Value.Text(role.label()));
    if (!name.isEmpty()) {
      fields.put("name", new Value.Text(name));
    }
    fields.put("created", new Value.Int(created));
    return new Mutation.Merge(path(tokenId), new Value.Struct(fields), false);
  }

  /// Reads a record; empty if what is there is none, and then nobody is let in by it.
  public static Optional<TokenRecord> read(Value stored) {
    if (!(stored instanceof Value.Struct(var fields))) {
      return Optional.empty();
    }
    if (!(fields.get("hash") instanceof Value.Text(var hash))
        || !(fields.get("salt") instanceof Value.Text(var salt))
        || !(fields.get("role") instanceof Value.Text(var role))) {
      return Optional.empty();
    }
    long created = fields.get("created") instanceof Value.Int(long millis) ? millis : 0;
    var name = fields.get("name") instanceof Value.Text(var text) ? text : "";
    return Role.ofLabel(role).map(known -> new TokenRecord(hash, salt, known, name, created));
  }

  /// Whether this is the record of exactly that token. Takes as long for any wrong secret.
  boolean matches(BearerToken token) {
    return MessageDigest.isEqual(
        token.hash(salt).getBytes(StandardCharsets.US_ASCII),
        hash.getBytes(StandardCharsets.US_ASCII));
  }
}

package io.starling.node.access;

import io.starling.crdt.value.Value;
import io.starling.node.space.Space;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Access by the tokens that `_system` lists.
///
/// Who was let in is remembered until a token record changes anywhere; so a token that is taken
/// away lets nobody in from the moment at which that is answered here.
public final class TokenAccess implements Access {

  private static final int REMEMBERED_MAX = 1_024;

  private final Space system;
  private final Map<String, Principal> known = new LinkedHashMap<>();
  private long changes;

  public TokenAccess(Space system) {
    this.system = system;
  }

  /// Token records have changed. Quick.
  public synchronized void forget() {
    changes++;
    known.clear();
  }

  @Override
  public Optional<Principal> authenticate(String text) {
    var token = BearerToken.parse(text);
    if (token.isEmpty()) {
      return Optional.empty();
    }
    // Only a hash is kept, and looking up a hash tells an attacker's clock nothing of the token.
    var hash = token.get().hash("remembered");
    long seen;
    synchronized (this) {
      var remembered = known.get(hash);
      if (remembered != null) {
        return Optional.of(remembered);
      }
      seen = changes;
    }
    var principal = look(token.get());
    principal.ifPresent(it -> remember(hash, it, seen));
    return principal;
  }

  private synchronized void remember(String hash, Principal principal, long seen) {
    if (seen != changes) {
      return;
    }
    if (known.size() >= REMEMBERED_MAX) {
      known.remove(known.keySet().iterator().next());
    }
    known.put(hash, principal);
  }

  private Optional<Principal> look(BearerToken token) {
    return TokenRecord.read(stored(token.id()))
        .filter(record -> record.matches(token))
        .map(record -> new Principal("token:" + token.id(), record.role()));
  }

  private Value stored(String id) {
    try (var snapshot = system.read()) {
      return snapshot.reader().view(TokenRecord.path(id), 0).toValue();
    }
  }
}

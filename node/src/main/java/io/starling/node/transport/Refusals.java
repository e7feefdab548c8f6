package io.starling.node.transport;

import io.netty.handler.ssl.NotSslRecordException;
import io.starling.node.identity.IdentityException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What was refused: counted each time, logged at most once a second for each reason, so that
/// whoever knocks a thousand times does not fill the disk. Safe to use from any thread.
final class Refusals {

  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
  private static final long LOG_EVERY_NANOS = 1_000_000_000L;

  private final Map<Refusal, Long> counts = new EnumMap<>(Refusal.class);
  private final Map<Refusal, Long> loggedAt = new EnumMap<>(Refusal.class);
  private final Map<Refusal, Long> unlogged = new EnumMap<>(Refusal.class);

  /// Notes a refusal.
  ///
  /// @param who the address or the peer
  synchronized void add(Refusal refusal, String who, String why) {
    counts.merge(refusal, 1L, Long::sum);
    long now = System.nanoTime();
    var last = Optional.ofNullable(loggedAt.get(refusal));
    if (last.isPresent() && now - last.get() < LOG_EVERY_NANOS) {
      unlogged.merge(refusal, 1L, Long::sum);
      return;
    }
    loggedAt.put(refusal, now);
    var more = Optional.ofNullable(unlogged.remove(refusal));
    var others = more.map(count -> "; and " + count + " like it before").orElse("");
    LOG.warn("refused {} ({}): {}{}", who, refusal.label(), why, others);
  }

  /// Notes a failed TLS handshake.
  void addHandshake(String who, Throwable cause) {
    add(classify(cause), who, describe(cause));
  }

  synchronized Map<Refusal, Long> counts() {
    var copy = new EnumMap<Refusal, Long>(Refusal.class);
    for (var refusal : Refusal.values()) {
      copy.put(refusal, counts.getOrDefault(refusal, 0L));
    }
    return Collections.unmodifiableMap(copy);
  }

  /// The most telling message in a chain of causes.
  static String describe(Throwable cause) {
    var identity = find(cause, IdentityException.class);
    if (identity.isPresent()) {
      return String.valueOf(identity.get().getMessage());
    }
    var root = root(cause);
    if (isDistrust(root)) {
      return "the other end does not take this node's certificate: it is a node of another cluster,"
          + " or holds this one for expired; its log says which";
    }
    var message = Optional.ofNullable(root.getMessage()).orElse(root.getClass().getSimpleName());
    return message.substring(0, Math.min(message.length(), 200)).replaceAll("\\p{Cntrl}", " ");
  }

  private static Throwable root(Throwable cause) {
    var root = cause;
    for (var next = root.getCause(); next != null; next = next.getCause()) {
      root = next;
    }
    return root;
  }

  /// The alert with which the JDK answers a certificate that its trust manager refuses.
  private static boolean isDistrust(Throwable root) {
    return Optional.ofNullable(root.getMessage()).orElse("").contains("certificate_unknown");
  }

  private static Refusal classify(Throwable cause) {
    var identity = find(cause, IdentityException.class);
    if (identity.isPresent()) {
      return switch (identity.get().reason()) {
        case FOREIGN_CLUSTER -> Refusal.FOREIGN_CLUSTER;
        case EXPIRED -> Refusal.EXPIRED;
        case MALFORMED, WRONG_KEY, WEAK_KEY, OCCUPIED, MISSING, EXPOSED -> Refusal.BAD_CERTIFICATE;
      };
    }
    if (find(cause, NotSslRecordException.class).isPresent()) {
      return Refusal.NOT_TLS;
    }
    if (isDistrust(root(cause))) {
      return Refusal.NOT_TRUSTED;
    }
    // The JDK tells these two apart by message only.
    var message = describe(cause);
    if (message.contains("protocol version")) {
      return Refusal.OLD_TLS;
    }
    return message.contains("certificate chain") ? Refusal.NO_CERTIFICATE : Refusal.HANDSHAKE;
  }

  private static <T extends Throwable> Optional<T> find(Throwable cause, Class<T> type) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (type.isInstance(at)) {
        return Optional.of(type.cast(at));
      }
    }
    return Optional.empty();
  }
}

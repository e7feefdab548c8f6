package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.member.Member;
import io.starling.node.space.Level;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.Token;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Who was asked for an acknowledgement, who has given one, and whether that is enough. Safe to use
/// from any thread.
///
/// Members are asked in groups, each of which must give one: for a number of members each member is
/// a group of its own, for sites each site is one.
final class Tally {

  private final Level level;
  private final SortedMap<String, SortedSet<KeyFingerprint>> groups;
  private final int needed;
  private final Map<KeyFingerprint, Heard> heard = new TreeMap<>();
  private final CountDownLatch reached = new CountDownLatch(1);

  /// What a member has stated, about which token.
  record Heard(Token token, SignedAcknowledgement signed) {}

  private Tally(Level level, SortedMap<String, SortedSet<KeyFingerprint>> groups, int needed) {
    this.level = level;
    this.groups = groups;
    this.needed = needed;
    if (needed == 0) {
      reached.countDown();
    }
  }

  /// @param others all members but this node
  /// @param site of this node
  static Tally of(Level level, List<Member> others, String site) {
    var groups = new TreeMap<String, SortedSet<KeyFingerprint>>();
    return switch (level) {
      case Level.Local() -> new Tally(level, groups, 0);
      case Level.Members(int count) -> {
        others.forEach(it -> group(groups, it.key().toString(), it));
        yield new Tally(level, groups, count);
      }
      case Level.All() -> {
        others.forEach(it -> group(groups, it.key().toString(), it));
        yield new Tally(level, groups, groups.size());
      }
      case Level.Sites() -> {
        others.stream()
            .filter(it -> !it.site().equals(site))
            .forEach(it -> group(groups, it.site(), it));
        yield new Tally(level, groups, groups.size());
      }
    };
  }

  private static void group(
      Map<String, SortedSet<KeyFingerprint>> groups, String name, Member member) {
    groups.computeIfAbsent(name, _ -> new TreeSet<>()).add(member.key());
  }

  /// Why this can never be reached; empty if it can.
  Optional<String> objection() {
    return switch (level) {
      case Level.Local() -> Optional.empty();
      case Level.Members(int count) when count > groups.size() ->
          Optional.of(
              "acknowledgements of "
                  + count
                  + " other members were asked for, and this node knows of "
                  + groups.size()
                  + "; ask for fewer, or add members");
      case Level.Members _ -> Optional.empty();
      case Level.All() when groups.isEmpty() -> Optional.of(alone("no other member"));
      case Level.All() -> Optional.empty();
      case Level.Sites() when groups.isEmpty() -> Optional.of(alone("no member at another site"));
      case Level.Sites() -> Optional.empty();
    };
  }

  private static String alone(String whom) {
    return "this node knows of " + whom + " who could acknowledge; ask for 'local', or add members";
  }

  /// Takes a statement; one of somebody who was not asked counts for nothing.
  synchronized void hear(Heard statement) {
    var author = statement.signed().acknowledgement().author().key();
    if (isAsked(author)) {
      heard.putIfAbsent(author, statement);
      if (given() >= needed) {
        reached.countDown();
      }
    }
  }

  boolean isReached() {
    return reached.getCount() == 0;
  }

  /// Waits until it is reached.
  boolean await(long nanos) {
    try {
      return reached.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /// What was heard, by member.
  synchronized List<Heard> heard() {
    return List.copyOf(heard.values());
  }

  /// Whether a member was asked and has stated nothing yet.
  synchronized boolean isMissing(KeyFingerprint member) {
    return !heard.containsKey(member) && isAsked(member);
  }

  private boolean isAsked(KeyFingerprint member) {
    return groups.values().stream().anyMatch(group -> group.contains(member));
  }

  /// Those who were asked and have stated nothing yet.
  synchronized SortedSet<KeyFingerprint> missing() {
    var missing = new TreeSet<KeyFingerprint>();
    groups.values().forEach(missing::addAll);
    missing.removeAll(heard.keySet());
    return missing;
  }

  /// For people.
  synchronized String summary() {
    return switch (level) {
      case Level.Local() -> "durable here";
      case Level.Members _, Level.All _ ->
          "durable here and on " + counted() + " of " + needed + " asked";
      case Level.Sites() -> "durable here and at " + counted() + " of " + needed + " other sites";
    };
  }

  /// Of those that count; more may have stated it by now.
  private int counted() {
    return Math.min(given(), needed);
  }

  private int given() {
    long given =
        groups.values().stream()
            .filter(group -> group.stream().anyMatch(heard::containsKey))
            .count();
    return Math.toIntExact(given);
  }
}

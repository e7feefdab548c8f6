package io.starling.node.leave;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.hosting.HostedSpaces;
import io.starling.node.member.Member;
import io.starling.node.space.Durability;
import io.starling.node.space.Level;
import io.starling.node.space.Space;
import io.starling.node.status.LeavingStatus.Missing;
import io.starling.node.status.LeavingStatus.SpaceProgress;
import io.starling.replica.message.Token;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/// What other members have confirmed to have of each space of this node.
///
/// Asked by one thread; what has come of it is read by any.
final class Handover {

  private final HostedSpaces spaces;
  private final KeyFingerprint self;
  private final Level level;
  private final Duration round;
  private final TreeMap<String, Confirmed> confirmed = new TreeMap<>();
  private boolean wasWhole;

  /// The last answer in a space.
  ///
  /// @param all what was asked about, if as many have it as are asked for
  private record Confirmed(Optional<Token> all, List<KeyFingerprint> by) {}

  /// @param round how long to wait for the answers to a question
  Handover(HostedSpaces spaces, KeyFingerprint self, Level level, Duration round) {
    this.spaces = spaces;
    this.self = self;
    this.level = level;
    this.round = round;
  }

  /// Asks about all spaces that are not confirmed as they are now.
  ///
  /// @return whether each was confirmed as it was when it was asked about
  boolean isRoundDone() throws InterruptedException {
    var asked = new TreeMap<String, CompletableFuture<Durability>>();
    boolean isDone = true;
    for (var space : spaces.all()) {
      var settled = spaces.settled(space.name());
      if (settled.isEmpty()) {
        isDone = false;
      } else if (!isConfirmed(space.name(), settled.get())) {
        asked.put(space.name(), ask(space, settled.get()));
      }
    }
    for (var question : asked.entrySet()) {
      isDone &= note(question.getKey(), question.getValue().join());
    }
    return isDone;
  }

  /// Asks about one space.
  boolean isDone(String name) throws InterruptedException {
    var space = spaces.find(name);
    var settled = spaces.settled(name);
    return space.isPresent()
        && settled.isPresent()
        && note(name, ask(space.get(), settled.get()).join());
  }

  /// Whether all that is applied now is confirmed.
  synchronized boolean isWhole() throws InterruptedException {
    boolean isWhole = true;
    for (var space : spaces.all()) {
      var settled = spaces.settled(space.name());
      isWhole &= settled.isPresent() && isConfirmed(space.name(), settled.get());
    }
    wasWhole = isWhole;
    return isWhole;
  }

  synchronized boolean wasWhole() {
    return wasWhole;
  }

  private CompletableFuture<Durability> ask(Space space, Token token) {
    return space.acknowledge(token, level, round).toCompletableFuture();
  }

  private synchronized boolean isConfirmed(String name, Token now) {
    var known = confirmed.get(name);
    return known != null && known.all().equals(Optional.of(now));
  }

  private synchronized boolean note(String name, Durability answer) {
    var by =
        answer.statements().stream()
            .map(Durability.Statement::node)
            .filter(it -> !it.equals(self))
            .toList();
    var all = answer.isReached() ? Optional.of(answer.token()) : Optional.<Token>empty();
    confirmed.put(name, new Confirmed(all, by));
    return answer.isReached();
  }

  /// By space.
  synchronized List<SpaceProgress> progress() {
    var progress = new ArrayList<SpaceProgress>();
    var others =
        spaces.members().all().stream()
            .filter(member -> !member.key().equals(self))
            .sorted(Comparator.comparing(Member::name))
            .toList();
    for (var space : spaces.all()) {
      var known = Optional.ofNullable(confirmed.get(space.name()));
      var by = new TreeSet<KeyFingerprint>(known.map(Confirmed::by).orElse(List.of()));
      progress.add(
          new SpaceProgress(
              space.name(),
              others.stream().filter(it -> by.contains(it.key())).map(Member::name).toList(),
              others.stream()
                  .filter(it -> !by.contains(it.key()))
                  .map(it -> missing(space, it))
                  .toList(),
              known.flatMap(Confirmed::all).isPresent()));
    }
    return progress;
  }

  private static Missing missing(Space space, Member member) {
    var peer =
        space.status().peers().stream().filter(it -> it.key().equals(member.key())).findFirst();
    return new Missing(
        member.key(),
        member.name(),
        peer.map(it -> it.isUp()).orElse(false),
        peer.map(it -> it.lag()));
  }
}

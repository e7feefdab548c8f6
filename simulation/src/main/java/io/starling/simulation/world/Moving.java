package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.Token;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeSet;

/// The moving away of one space that its node is to host no longer, step by step as a node of the
/// product goes about it (ADR 20): until a host has signed that it has durably applied all that is
/// applied here, it stays.
final class Moving {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final World world;
  private final SimulatedSpace space;
  private Optional<Token> asked = Optional.empty();
  private Optional<Token> covered = Optional.empty();
  private long askedNanos;

  Moving(World world, SimulatedSpace space) {
    this.world = world;
    this.space = space;
  }

  /// What a host has signed to have.
  Optional<Token> covered() {
    return covered;
  }

  /// All that is durably applied here.
  Token applied() {
    return space.reader().token();
  }

  /// Asks the hosts in reach. Called again and again.
  void ask() {
    long now = world.agenda().nowNanos();
    boolean isLate = now - askedNanos >= PATIENCE.toNanos();
    if (asked.isEmpty() || isLate || covered.isPresent()) {
      var applied = Optional.of(applied());
      if (!asked.equals(applied)) {
        world.counts().add("questions of hosts taken off");
      }
      asked = applied;
      askedNanos = now;
    }
    var node = space.node();
    var hosts = new TreeSet<>(node.heard().members());
    hosts.removeIf(key -> !isOtherHost(key));
    hosts.removeIf(key -> !world.connections().sees(node.number(), world.keys().node(key)));
    if (!hosts.isEmpty()) {
      space.ask(hosts.stream().toList(), asked.orElseThrow());
    }
  }

  /// A member has acknowledged something.
  void acknowledged(SignedAcknowledgement signed) {
    var statement = signed.acknowledgement();
    boolean isAnswer =
        asked.map(Acknowledgement::hash).filter(statement.covered()::equals).isPresent();
    if (isAnswer && isOtherHost(statement.author().key())) {
      covered = asked;
    }
  }

  private boolean isOtherHost(KeyFingerprint key) {
    return !key.equals(space.node().key()) && space.hosts().isHost(key);
  }
}

package io.starling.simulation.workload;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.read.View;
import io.starling.replica.message.Token;
import io.starling.replica.message.Token.Prefix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// A client: what it has read and written so far, which it expects to find wherever it goes.
public final class Session {

  private final int number;
  private final int home;
  private Optional<Token> seen = Optional.empty();
  private Optional<Shown> shown = Optional.empty();
  private final List<Long> written = new ArrayList<>();
  private boolean isWaiting;

  /// What a read showed.
  record Shown(String key, View view, Token token) {}

  Session(int number, int home) {
    this.number = number;
    this.home = home;
  }

  /// The node it goes to as a rule.
  int home() {
    return home;
  }

  /// The token of all it has read and written; empty at first.
  public Optional<Token> seen() {
    return seen;
  }

  /// Its last read.
  Optional<Shown> shown() {
    return shown;
  }

  boolean isWaiting() {
    return isWaiting;
  }

  void isWaiting(boolean now) {
    isWaiting = now;
  }

  /// The requests by which it wrote, as far as they were acknowledged, in order.
  public List<Long> written() {
    return Collections.unmodifiableList(written);
  }

  void wrote(long request) {
    written.add(request);
  }

  void show(Shown read) {
    shown = Optional.of(read);
    see(read.token());
  }

  /// Adds a token to what it has seen: of each replica the later head.
  void see(Token token) {
    if (seen.isEmpty()) {
      seen = Optional.of(token);
      return;
    }
    var heads = new TreeMap<ReplicaId, Prefix>();
    seen.get().heads().forEach(head -> heads.put(head.replica(), head));
    for (var head : token.heads()) {
      heads.merge(head.replica(), head, (a, b) -> a.seq() >= b.seq() ? a : b);
    }
    List<Prefix> joined = new ArrayList<>(heads.values());
    seen = Optional.of(new Token(token.space(), joined));
  }

  @Override
  public String toString() {
    return "session" + number;
  }
}

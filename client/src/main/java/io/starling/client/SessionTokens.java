package io.starling.client;

import io.starling.client.link.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a session has read and written in its space, as the few tokens that together cover it.
///
/// Only nodes can join tokens, so this keeps those that no other is known to cover. A node's vector
/// only grows. Therefore
///
/// - a write's token covers whatever the same node had given before that call began, and says
///   nothing of what other nodes gave;
/// - a read waits for all that other nodes gave, so its token covers everything that was held when
///   it began. One token remains.
///
/// What arrived while a call was under way, from calls beside it, stays held. So there are at most
/// as many tokens as there were calls and watches at once on each node, and [#JOINED_MAX] from
/// elsewhere: most of the time, one.
final class SessionTokens {

  /// Tokens from other processes that no read has covered yet.
  static final int JOINED_MAX = 16;

  private record Held(ReadToken token, Optional<Node> giver, long arrived) {}

  // Guarded by this; never while a node is asked.
  private final List<Held> held = new ArrayList<>();
  private long clock;

  /// A call's beginning.
  ///
  /// @param awaited what a read has to wait for on this node: never empty if anything is held, so
  ///   that a node whose store was lost does not answer as if nothing had been
  record Start(Node node, long at, List<ReadToken> awaited) {}

  synchronized Start begin(Node node) {
    var awaited = new ArrayList<ReadToken>();
    Optional<ReadToken> own = Optional.empty();
    for (var each : held) {
      if (each.giver().equals(Optional.of(node))) {
        own = Optional.of(each.token());
      } else {
        awaited.add(each.token());
      }
    }
    if (awaited.isEmpty()) {
      own.ifPresent(awaited::add);
    }
    return new Start(node, clock, List.copyOf(awaited));
  }

  synchronized void wrote(Start start, ReadToken token) {
    var giver = Optional.of(start.node());
    held.removeIf(it -> it.arrived() <= start.at() && it.giver().equals(giver));
    hold(token, giver);
  }

  synchronized void read(Start start, ReadToken token) {
    held.removeIf(it -> it.arrived() <= start.at());
    hold(token, Optional.of(start.node()));
  }

  /// Takes a later cut of a watch in place of its earlier one, which it covers.
  synchronized void watched(Optional<ReadToken> before, ReadToken token, Node node) {
    held.removeIf(it -> before.equals(Optional.of(it.token())));
    hold(token, Optional.of(node));
  }

  /// Takes a token from elsewhere.
  synchronized void join(ReadToken token) {
    if (held.stream().filter(it -> it.giver().isEmpty()).count() >= JOINED_MAX) {
      throw new IllegalStateException(
          JOINED_MAX + " tokens were joined since the last read; read, which makes them one");
    }
    hold(token, Optional.empty());
  }

  synchronized List<ReadToken> all() {
    return held.stream().map(Held::token).distinct().toList();
  }

  private void hold(ReadToken token, Optional<Node> giver) {
    held.removeIf(it -> it.token().equals(token) && it.giver().equals(giver));
    held.add(new Held(token, giver, ++clock));
  }
}

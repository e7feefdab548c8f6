package io.starling.replica.write;

import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.causal.Past;
import io.starling.replica.message.Token;
import io.starling.replica.read.Changed;
import io.starling.replica.read.LogBudget;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.request.Mutation;
import io.starling.replica.state.SpaceLog;
import io.starling.replica.state.SpaceState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// Checks the conditions of one event's submissions. A condition is about what is here: what others
/// write at the same time elsewhere merges, as ever.
///
/// Every write waits for the thread that does this, so all conditions of an event together read no
/// more of the log than [#BATCHES_MAX] batches and [#BYTES_MAX] bytes; those that come too late for
/// that are refused, to be tried again.
final class Conditions {

  /// Batches since a condition's token; with more it is refused as stale, unread.
  static final int BATCHES_MAX = 1_000;

  /// Bytes of these batches.
  static final int BYTES_MAX = 4 << 20;

  private static final int KEYS_MAX = 10_000;

  private final SpaceId space;
  private final ReplicaId self;
  private final SpaceState state;
  private final LogBudget budget = LogBudget.of(BATCHES_MAX, BYTES_MAX);
  private final Map<Token, Set<String>> found = new LinkedHashMap<>();
  private boolean isBudgetUsed;

  /// @param self the incarnation that writes here
  Conditions(SpaceId space, ReplicaId self, SpaceState state) {
    this.space = space;
    this.self = self;
    this.state = state;
  }

  /// Requires that no key which the mutations name has changed since a token.
  ///
  /// @param token as the client has it
  /// @param isTouched whether a key was changed by the event in hand, before
  void require(Token token, List<Mutation> mutations, Predicate<String> isTouched) throws Refusal {
    if (!token.space().equals(space)) {
      throw Refusal.invalid("the condition's token is of another space or cluster");
    }
    var read = state.branches().read(token, state.origins());
    if (!read.unknown().isEmpty()) {
      throw notYet();
    }
    var since = read.token();
    for (var head : since.heads()) {
      OwnBranch.require(state, self, head);
      requireApplied(head);
    }
    for (var mutation : mutations) {
      requireUntouched(mutation.path().key(), isTouched);
    }
    // What the event has changed since the same token was looked up is known to be untouched.
    var changed = changedSince(since);
    for (var mutation : mutations) {
      requireUntouched(mutation.path().key(), changed::contains);
    }
  }

  private static void requireUntouched(String key, Predicate<String> isTouched) throws Refusal {
    if (isTouched.test(key)) {
      throw Refusal.stale("'" + key + "' has changed since the token; read it again");
    }
  }

  /// What its client has read and is not here would be overwritten unseen.
  private void requireApplied(Token.Prefix head) throws Refusal {
    if (state.origins().seq(head.replica()) < head.seq()) {
      throw notYet();
    }
  }

  private static Refusal notYet() {
    return Refusal.unavailable(
        "this node has not applied yet what the condition's token names; try again in a moment,"
            + " or on the node that gave it");
  }

  private Set<String> changedSince(Token since) throws Refusal {
    var known = found.get(since);
    if (known != null) {
      return known;
    }
    boolean isFirst = !isBudgetUsed;
    isBudgetUsed = true;
    var past = new Past(since.vector(), state.origins().closes());
    var log = new SpaceLog(state.staging());
    return switch (SpaceReader.changedSince(
        past, state.branches(), state.origins().mayLackIn(past), log, KEYS_MAX, budget)) {
      case Changed.Keys(var keys) -> {
        found.put(since, keys);
        yield keys;
      }
      case Changed.TooMany(), Changed.BehindLog() -> throw tooOld();
      case Changed.OverBudget() -> {
        if (isFirst) {
          throw tooOld();
        }
        throw Refusal.unavailable(
            "too many conditions about old reads are checked on this node; try again in a moment");
      }
    };
  }

  private static Refusal tooOld() {
    return Refusal.stale("too much has changed since the token; read again");
  }
}

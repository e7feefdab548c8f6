package io.starling.replica.catchup;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.causal.CausalBuffer;
import io.starling.replica.causal.Closes;
import io.starling.replica.causal.Past;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.StatePort;
import io.starling.replica.read.Coverage;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.state.SpaceLog;
import io.starling.replica.state.SpaceState;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.TreeMap;

/// Compares states at unequal vectors: the cells that the batches between them have touched are
/// left out of both sums, and the rest must agree.
final class Comparer {

  /// Batches between the two; over it they are not compared.
  static final int BATCHES_MAX = 1_000;

  /// Bytes of these.
  static final int BYTES_MAX = 4 << 20;

  private final SpaceId space;
  private final SpaceState state;
  private final CausalBuffer buffer;

  Comparer(SpaceId space, SpaceState state, CausalBuffer buffer) {
    this.space = space;
    this.state = state;
    this.buffer = buffer;
  }

  /// The answer of one who has applied more.
  Transfer answer(Token token) {
    var coverage = new SpaceReader(space, state.staging()).coverage(token);
    if (state.isJoining() || coverage != Coverage.COVERED) {
      return incomparable("it has not applied what is to be compared");
    }
    var now = state.origins().token();
    var touched = touched(token, now, state.origins().closes());
    var sum = touched.flatMap(it -> it.sum(state.staging()));
    return sum.isPresent()
        ? new Transfer.Compared(now, state.digests().total().minus(sum.get()))
        : incomparable("too much has changed since what is to be compared");
  }

  private static Transfer incomparable(String why) {
    return new Transfer.Refused(Transfer.Reason.INCOMPARABLE, why);
  }

  /// What the batches between two vectors have touched, as they stand in the log or wait for their
  /// causes; empty while some are neither here nor there, or if there are too many.
  ///
  /// A vector leaves out what is closed at it: the batches between the two say what they close.
  ///
  /// @param closes those that `from` covers among them
  Optional<Touched> touched(Token from, Token to, Closes closes) {
    var before = new Past(from.vector(), closes);
    var seen = new TreeMap<ReplicaId, Long>();
    var touched = new Touched();
    Deque<VersionVector.Entry> open = new ArrayDeque<>(to.vector().entries());
    long batches = 0;
    long bytes = 0;
    while (!open.isEmpty()) {
      var upTo = open.pop();
      var replica = upTo.replica();
      long first = seen.getOrDefault(replica, before.seq(replica)) + 1;
      for (long seq = first; seq <= upTo.seq(); seq++) {
        var batch = find(replica, seq);
        if (batch.isEmpty() || ++batches > BATCHES_MAX) {
          return Optional.empty();
        }
        touched.add(batch.get().batch());
        bytes += batch.get().bytes();
        if (!touched.isFew() || bytes > BYTES_MAX) {
          return Optional.empty();
        }
        for (var close : batch.get().batch().closes()) {
          open.push(new VersionVector.Entry(close.replica(), close.seq()));
        }
      }
      seen.merge(replica, Math.max(upTo.seq(), first - 1), Math::max);
    }
    return Optional.of(touched);
  }

  private Optional<SignedBatch> find(ReplicaId replica, long seq) {
    var waiting = buffer.get(replica, seq);
    if (waiting.isPresent()) {
      return waiting;
    }
    return state
        .origins()
        .find(replica)
        .flatMap(origin -> new SpaceLog(state.staging()).batch(origin.number(), seq));
  }

  /// Whether a state at a vector is the one that a member has which answered.
  ///
  /// @param digest of the state
  /// @param closes those that it covers among them
  /// @return empty as long as batches between the two are missing here
  Optional<Boolean> agrees(
      Token token, CellDigest digest, StatePort cells, Closes closes, Transfer.Compared answer) {
    return touched(token, answer.now(), closes)
        .flatMap(touched -> touched.sum(cells))
        .map(sum -> digest.minus(sum).equals(answer.untouched()));
  }
}

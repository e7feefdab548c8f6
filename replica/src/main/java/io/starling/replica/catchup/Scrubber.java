package io.starling.replica.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.CellDigest;
import io.starling.replica.catchup.Attestation.Finding;
import io.starling.replica.message.Secret;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.SnapshotPort;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.state.Origins;
import io.starling.replica.state.StoredSpace;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;

/// Compares what is here with what the other members have, one after the other, for ever: by the
/// cells themselves on both sides, and whatever their vectors. So rot of a disk is found that no
/// read meets, and a difference between members that are never at one vector.
final class Scrubber {

  /// Ticks from the end of one comparison to the next.
  static final long REST_TICKS = 6_000;

  /// Ticks after which a comparison is given up.
  private static final long PATIENCE_TICKS = 3_000;

  private static final long FIRST_TICKS = 600;

  private final Attestation.Here here;
  private final SnapshotPort snapshots;
  private final KeyFingerprint self;
  private final LongFunction<Secret> secrets;
  private final BooleanSupplier readBranches;
  private Optional<Comparison> current = Optional.empty();
  private Optional<KeyFingerprint> last = Optional.empty();
  private long next = FIRST_TICKS;
  private long number;
  private long tick;

  Scrubber(
      Attestation.Here here,
      SnapshotPort snapshots,
      KeyFingerprint self,
      LongFunction<Secret> secrets,
      BooleanSupplier readBranches) {
    this.readBranches = readBranches;
    this.here = here;
    this.snapshots = snapshots;
    this.self = self;
    this.secrets = secrets;
  }

  /// What was found about a peer.
  ///
  /// @param difference empty if it has the same
  record Result(KeyFingerprint peer, Optional<String> difference) {}

  /// A comparison with one peer, of one snapshot.
  private final class Comparison implements AutoCloseable {
    private final KeyFingerprint peer;
    private final StateSnapshot snapshot = snapshots.open();
    private final Joiner.Staged state = described(snapshot);
    private final Attestation attestation;
    private final long since = tick;

    private Comparison(KeyFingerprint peer, long session) {
      this.peer = peer;
      var token = state.token();
      // Chain hashes are compared where a state is taken over.
      var offer = new Transfer.Offer(token, CellDigest.ZERO, 0, token.vector(), List.of());
      this.attestation =
          new Attestation(
              here, self, session, offer, secrets.apply(session), readBranches.getAsBoolean());
    }

    private Joiner.Staged described(StateSnapshot at) {
      var stored = new StoredSpace(at);
      var token = stored.token().orElseGet(() -> new Token(here.space(), List.of()));
      return new Joiner.Staged(
          self,
          token,
          CellDigest.ZERO,
          stored.headRows(),
          stored.branchRows(),
          Origins.closes(at),
          new TreeMap<>(),
          false,
          Optional.empty());
    }

    @Override
    public void close() {
      snapshot.close();
    }
  }

  /// Time has passed. All that was applied must be durable.
  ///
  /// @param reachable members to compare with
  /// @return what is to be sent
  List<Answer> tick(List<KeyFingerprint> reachable) {
    tick++;
    if (current.isPresent() && tick - current.get().since > PATIENCE_TICKS) {
      close();
    }
    if (current.isEmpty() && tick >= next && !reachable.isEmpty()) {
      number++;
      current = Optional.of(new Comparison(after(reachable), -number));
    }
    if (current.isEmpty() || tick % 5 != 0) {
      return List.of();
    }
    current.get().attestation.retry();
    return current.get().attestation.ask(List.of(current.get().peer), readBranches.getAsBoolean());
  }

  /// The peer whose turn it is.
  private KeyFingerprint after(List<KeyFingerprint> reachable) {
    var ordered = new TreeSet<>(reachable);
    var following = last.map(ordered::higher);
    var peer = following.isPresent() ? following.get() : ordered.first();
    last = Optional.of(peer);
    return peer;
  }

  /// A peer has answered.
  void answered(KeyFingerprint from, long session, Transfer.Compared answer) {
    current
        .filter(it -> it.peer.equals(from))
        .ifPresent(it -> it.attestation.answered(from, session, answer));
  }

  /// A peer cannot answer: it has not applied as much, or nobody confirmed what it has.
  ///
  /// @return whether that ended a comparison
  boolean refused(KeyFingerprint from, long session) {
    boolean isOver =
        current
            .filter(it -> it.peer.equals(from) && it.attestation.number() == session)
            .isPresent();
    if (isOver) {
      close();
    }
    return isOver;
  }

  boolean hasWork() {
    return current.filter(it -> it.attestation.hasWork()).isPresent();
  }

  /// Compares a little.
  ///
  /// @param fetches takes what is to be asked of a peer
  /// @return what was found, if it is through
  Optional<Result> work(List<Answer> fetches) {
    var comparison = current.orElseThrow();
    var peer = comparison.peer;
    var finding = comparison.attestation.work(comparison.state, comparison.snapshot, List.of(peer));
    return switch (finding) {
      case Finding.Open() -> Optional.empty();
      case Finding.Missing(var at) -> {
        var session = comparison.attestation.number();
        fetches.add(new Answer(at, session, new Transfer.Fetch(comparison.attestation.have())));
        yield Optional.empty();
      }
      case Finding.Same _ -> Optional.of(ended(new Result(peer, Optional.empty())));
      case Finding.Other(_, var what) -> Optional.of(ended(new Result(peer, Optional.of(what))));
      case Finding.Untold _ -> {
        close();
        yield Optional.empty();
      }
    };
  }

  private Result ended(Result result) {
    close();
    return result;
  }

  /// Gives up what is under way.
  void close() {
    current.ifPresent(Comparison::close);
    current = Optional.empty();
    next = tick + REST_TICKS;
  }
}

package io.starling.node.bench.cost;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Message;
import io.starling.replica.port.Changes;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.StatePort;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/// An engine over a store, and nothing else of a node. A signature is 64 bytes that nobody checks.
final class BenchReplica {

  static final ClusterId CLUSTER = new ClusterId(0, 0);
  static final SpaceId MAIN = SpaceId.of(CLUSTER, SpaceId.MAIN, 0);

  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final int ENTROPY_BYTES = 32;

  private final int number;
  private final int start;
  private final StatePort state;
  private final Consumer<Changes> persist;
  private final Replica replica;
  private Instant now = BEGIN;

  /// One whose store is in memory.
  static BenchReplica inMemory(int number) {
    var state = new MemoryState();
    return new BenchReplica(number, 1, state, state::persist);
  }

  /// @param number that no other has
  /// @param state shows what was persisted
  static BenchReplica over(int number, StatePort state, Consumer<Changes> persist) {
    return new BenchReplica(number, 1, state, persist);
  }

  private BenchReplica(int number, int start, StatePort state, Consumer<Changes> persist) {
    this.number = number;
    this.start = start;
    this.state = state;
    this.persist = persist;
    var key = key(number);
    this.replica =
        Replica.open(
            new Replica.Setup(
                CLUSTER,
                MAIN,
                key,
                ByteBuffer.allocate(ENTROPY_BYTES).putInt(number).putInt(start).array(),
                Limits.DEFAULT,
                state,
                () -> {
                  throw new AssertionError("nothing is to be taken over");
                },
                _ -> new byte[SignedBatch.SIGNATURE_BYTES],
                Optional.empty(),
                () -> new TreeSet<>(Set.of(key)),
                Proof.NEEDED),
            now);
  }

  /// The same after another start: a new incarnation over the same store. This one is not used any
  /// more.
  BenchReplica restarted() {
    return new BenchReplica(number, start + 1, state, persist);
  }

  private static KeyFingerprint key(int number) {
    // Spread over all bytes, as hashes are.
    long mixed = number * 0x9E37_79B9_7F4A_7C15L;
    return new KeyFingerprint(mixed, Long.reverse(mixed));
  }

  /// Makes a transaction, which becomes one batch.
  SignedBatch write(List<Mutation> mutations) {
    var submission = new Submission(1, "bench", Optional.empty(), mutations);
    return perform(new Event.Submitted(List.of(submission)))
        .orElseThrow(() -> new IllegalStateException("a transaction changed nothing"));
  }

  /// Takes what another has written.
  void take(SignedBatch batch) {
    var batches = new Message.Batches(MAIN, List.of(batch), Message.Part.FRESH);
    var peer = batch.batch().replica().key();
    if (perform(new Event.Arrived(peer, List.of(batches))).isEmpty()) {
      throw new IllegalStateException("a batch was not applied");
    }
  }

  /// Lets a second pass. No replica takes ever more incarnations of one member at once.
  void rest() {
    now = now.plusSeconds(1);
    perform(new Event.Tick());
  }

  /// @return what was applied
  private Optional<SignedBatch> perform(Event event) {
    var applied = Optional.<SignedBatch>empty();
    for (var effect : replica.on(event, now)) {
      switch (effect) {
        case Effect.Persist(var changes) -> persist.accept(changes);
        case Effect.Applied(var batch, _, _) -> applied = Optional.of(batch);
        case Effect.Answer(_, var outcome) when !(outcome instanceof Outcome.Committed) ->
            throw new IllegalStateException("a write was not taken: " + outcome);
        default -> {}
      }
    }
    return applied;
  }
}

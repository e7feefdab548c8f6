package io.starling.node.bench;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.storage.SpaceStore;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.port.Changes;
import io.starling.replica.port.MemoryState;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Submission;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The control for RocksDB: the very puts and bytes that a replica orders for this load, in synced
/// write batches of the same size, with nothing else done.
///
/// The changes are worked out beforehand; only writing them is measured.
final class RocksControl {

  private static final int TRANSACTIONS = 16_384;

  private final List<Changes> changes;
  private final int perBatch;
  private int next;

  /// @param perBatch transactions in a write batch
  RocksControl(int perBatch) {
    this.perBatch = perBatch;
    this.changes = changes(perBatch);
  }

  /// @return transactions written per second
  double write(SpaceStore store, Duration duration) {
    long begin = System.nanoTime();
    long end = begin + duration.toNanos();
    long done = 0;
    while (System.nanoTime() < end) {
      store.persist(changes.get(next));
      next = (next + 1) % changes.size();
      done += perBatch;
    }
    return done / ((System.nanoTime() - begin) / 1e9);
  }

  private static List<Changes> changes(int perBatch) {
    var state = new MemoryState();
    var cluster = new ClusterId(0, 0);
    var setup =
        new Replica.Setup(
            cluster,
            SpaceId.of(cluster, SpaceId.MAIN, 0),
            new KeyFingerprint(0, 1),
            new byte[32],
            Limits.DEFAULT,
            state,
            state,
            _ -> new byte[64],
            Optional.empty(),
            () -> new TreeSet<>(Set.of(new KeyFingerprint(0, 1))),
            Proof.NEEDED);
    var replica = Replica.open(setup, Instant.EPOCH);
    var changes = new ArrayList<Changes>();
    for (int n = 0; n < TRANSACTIONS; n += perBatch) {
      for (var effect : replica.on(new Event.Submitted(submissions(n, perBatch)), Instant.EPOCH)) {
        if (effect instanceof Effect.Persist(var ordered)) {
          state.persist(ordered);
          changes.add(ordered);
        }
      }
    }
    return changes;
  }

  private static List<Submission> submissions(int first, int count) {
    var submissions = new ArrayList<Submission>();
    for (int n = first; n < first + count; n++) {
      var value = new Value.Text(Load.value(n));
      var set = new Mutation.Set(Path.of(Load.key(n)), value, ReadRule.LATEST);
      submissions.add(new Submission(n, "bench", Optional.empty(), List.of(set)));
    }
    return submissions;
  }
}

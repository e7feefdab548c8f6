package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.Operation;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.Head;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Message;
import io.starling.replica.port.SystemPort;
import io.starling.replica.state.SpaceState;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Batches carry their author's vector of `_system` and apply only where that is covered.
class SystemVectorTest {

  private static final ReplicaId ADMIN = new ReplicaId(new KeyFingerprint(8, 8), 1);
  private static final ReplicaId SECOND = new ReplicaId(new KeyFingerprint(9, 9), 1);

  private final Cluster cluster = new Cluster(2);
  private final Cluster.Member a = cluster.member(0);
  private final Cluster.Member b = cluster.member(1);
  private final AppliedSystem systemOfA = new AppliedSystem();
  private final AppliedSystem systemOfB = new AppliedSystem();

  /// What a node has applied of `_system`, as the test says.
  private static final class AppliedSystem implements SystemPort {
    private final TreeMap<ReplicaId, Long> seqs = new TreeMap<>();
    private long salt;
    // Of the other half, where it is known that what has these numbers is forked.
    private Optional<Long> otherSalt = Optional.empty();

    void apply(ReplicaId replica, long seq) {
      seqs.put(replica, seq);
    }

    @Override
    public VersionVector vector() {
      return VersionVector.of(seqs);
    }

    @Override
    public boolean has(ReplicaId replica, long seq) {
      return seqs.getOrDefault(replica, 0L) >= seq;
    }

    @Override
    public Optional<ChainHash> hash(ReplicaId replica, long seq) {
      return seqs.getOrDefault(replica, 0L) < seq
          ? Optional.empty()
          : Optional.of(hash(replica, seq, salt));
    }

    @Override
    public List<ChainHash> hashes(ReplicaId replica, long seq) {
      return hash(replica, seq).stream()
          .flatMap(first ->
              Stream.concat(Stream.of(first), otherSalt.stream().map(it -> hash(replica, seq, it))))
          .toList();
    }

    private static ChainHash hash(ReplicaId replica, long seq, long salt) {
      return new ChainHash(replica.key().high(), seq, salt, 0);
    }
  }

  @BeforeEach
  void membersSeeSystem() {
    a.system = Optional.of(systemOfA);
    b.system = Optional.of(systemOfB);
    a.restart();
    b.restart();
    cluster.connectAll();
    cluster.deliverAll();
  }

  @Test
  void aBatchCarriesWhatChangedOfIt() {
    systemOfA.apply(ADMIN, 3);
    systemOfA.apply(SECOND, 1);
    a.commit(Cluster.set("k", "1"));
    assertThat(carried(a)).isEqualTo(systemOfA.vector());
    a.commit(Cluster.set("k", "2"));
    assertThat(carried(a)).isEqualTo(VersionVector.EMPTY);
    systemOfA.apply(ADMIN, 4);
    a.commit(Cluster.set("k", "3"));
    assertThat(carried(a)).isEqualTo(VersionVector.EMPTY.with(ADMIN, 4));
  }

  @Test
  void aWriteWhoseBatchWouldNameTooManyReplicasIsRefused() {
    for (int i = 0; i < Limits.CONTEXT_ENTRIES_MAX; i++) {
      systemOfA.apply(new ReplicaId(new KeyFingerprint(9, 9), 10 + i), 1);
    }
    a.commit(Cluster.set("k", "1"));
    assertThat(BatchEncoding.decode(a.last().body()))
        .isInstanceOf(BatchEncoding.Decoded.Read.class);
    systemOfA.apply(ADMIN, 1);
    a.commit(Cluster.set("k", "2"));
    a.restart();
    assertThat(a.refused(Cluster.set("k", "3")).message())
        .startsWith("a batch would have to name more than 4096 replicas");
    assertThat(a.value("k")).isEqualTo(new Value.Text("2"));
  }

  @Test
  void aNewIncarnationCarriesAllOfIt() {
    systemOfA.apply(ADMIN, 3);
    a.commit(Cluster.set("k", "1"));
    a.restart();
    a.commit(Cluster.set("k", "2"));
    assertThat(carried(a)).isEqualTo(systemOfA.vector());
  }

  @Test
  void anIncarnationThatEndsWhileItRunsIsFollowedByOneThatCarriesAllOfIt() {
    systemOfA.apply(ADMIN, 3);
    a.commit(Cluster.set("k", "1"));
    var ended = a.self();
    a.hear(
        b,
        Forgery.by(b.self())
            .seeing(Forgery.nowhere(ended, 9))
            .doing(new Operation.Enable(Path.of("f")))
            .sign());
    a.commit(Cluster.set("k", "2"));
    assertThat(a.last().batch().replica()).isNotEqualTo(ended);
    assertThat(carried(a)).isEqualTo(systemOfA.vector());
  }

  @Test
  void whatWasBuiltOnAnotherBranchOfItIsLookedAtAgainWhenThatBranchComes() {
    systemOfA.apply(ADMIN, 3);
    systemOfA.salt = 1;
    systemOfB.apply(ADMIN, 3);
    a.commit(Cluster.set("k", "1"));
    cluster.deliverAll();
    assertThat(b.status().buffered()).as("of the half that B has it tells nothing").isEqualTo(1);
    systemOfB.otherSalt = Optional.of(1L);
    b.on(new Event.SystemAdvanced());
    assertThat(b.value("k")).isEqualTo(new Value.Text("1"));
    assertThat(b.status().buffered()).isZero();
  }

  @Test
  void aBatchWaitsUntilSystemHasAdvanced() {
    systemOfA.apply(ADMIN, 3);
    a.commit(Cluster.set("k", "1"));
    cluster.deliverAll();
    assertThat(b.status().buffered()).isEqualTo(1);
    systemOfB.apply(ADMIN, 2);
    assertThat(b.on(new Event.SystemAdvanced())).isEmpty();
    systemOfB.apply(ADMIN, 3);
    var effects = b.on(new Event.SystemAdvanced());
    assertThat(effects.getFirst()).isInstanceOf(Effect.Persist.class);
    assertThat(b.value("k")).isEqualTo(new Value.Text("1"));
    assertThat(b.status().buffered()).isZero();
    assertThat(cluster.alarms).isEmpty();
  }

  @Test
  void aWaitingBatchIsNotPulledAgainAndAgain() {
    systemOfA.apply(ADMIN, 3);
    a.commit(Cluster.set("k", "1"));
    cluster.rounds(20);
    assertThat(b.sent(Message.Pull.class).size()).isLessThanOrEqualTo(21);
    systemOfB.apply(ADMIN, 3);
    cluster.rounds(1);
    assertThat(b.value("k")).isEqualTo(new Value.Text("1"));
  }

  @Test
  void aBatchBuiltOnAnotherBranchOfSystemIsAFork() {
    systemOfA.apply(ADMIN, 3);
    systemOfA.salt = 5;
    systemOfB.apply(ADMIN, 3);
    a.commit(Cluster.set("k", "1"));
    b.hear(a, a.last());
    assertThat(cluster.alarmKinds()).containsExactly(Effect.Kind.FORK);
    assertThat(b.status().active().isEmpty()).isTrue();
  }

  @Test
  void aSpaceKeepsTheVectorThatEachReplicaLastCarried() {
    systemOfA.apply(ADMIN, 3);
    systemOfB.apply(ADMIN, 9);
    systemOfB.apply(SECOND, 9);
    a.commit(Cluster.set("k", "1"));
    systemOfA.apply(SECOND, 2);
    a.commit(Cluster.set("k", "2"));
    a.commit(Cluster.set("k", "3"));
    cluster.deliverAll();
    var carried = VersionVector.EMPTY.with(ADMIN, 3).with(SECOND, 2);
    for (var member : cluster.members) {
      var origins = new SpaceState(Cluster.MAIN, member.state).origins();
      assertThat(origins.systemRow(a.self())).isEqualTo(carried);
      assertThat(origins.systemRow(b.self())).isEqualTo(VersionVector.EMPTY);
    }
  }

  @Test
  void theCommitmentCoversSystemToo() {
    systemOfB.apply(ADMIN, 3);
    var head = new Head(ADMIN, 3, systemOfB.hash(ADMIN, 3).orElseThrow());
    b.hear(
        a,
        Forgery.by(a.self()).seeingSystem(head).doing(new Operation.Enable(Path.of("f"))).sign());
    assertThat(b.value("f")).isEqualTo(new Value.Bool(true));
    assertThat(cluster.alarms).isEmpty();
  }

  private static VersionVector carried(Cluster.Member member) {
    return member.last().batch().context().system();
  }
}

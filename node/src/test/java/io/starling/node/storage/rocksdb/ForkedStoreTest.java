package io.starling.node.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.node.storage.SpaceStore;
import io.starling.node.storage.StoreUnusableException;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.membership.MembershipPort;
import io.starling.replica.message.Message;
import io.starling.replica.message.TransferEncoding;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Submission;
import io.starling.replica.state.StoredSpace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A machine that is set back with its memory, its store and those of the others being files: the
/// engine over stores as they are in production.
final class ForkedStoreTest {

  private static final ClusterId CLUSTER = new ClusterId(1, 2);
  private static final SpaceId MAIN = SpaceId.of(CLUSTER, SpaceId.MAIN, 0);
  private static final int TICKS_MAX = 2_000;

  @TempDir private java.nio.file.Path directory;
  private final List<Machine> machines = new ArrayList<>();
  private long nowMillis = 1_700_000_000_000L;
  private long submissions;

  private record InFlight(KeyFingerprint from, Message message) {}

  @Test
  void allStoresHaveAllBranchesAndTheyAreTheSameWhenOpenedAgain() throws Exception {
    var first = threeBranches();
    for (var machine : machines) {
      machine.reopen();
    }
    connectAll();
    settle();
    for (var machine : machines) {
      machine.assertSame(first);
    }
  }

  @Test
  void aBlankStoreTakesBranchesOverInTheWriteThatPutsItsCellsInPlace() throws Exception {
    var first = threeBranches();
    for (var machine : machines) {
      machine.loseLog();
      machine.reopen();
    }
    var newcomer = new Machine(9);
    machines.add(newcomer);
    connectAll();
    settle();
    newcomer.assertSame(first);
    assertThat(newcomer.promotions).isEqualTo(1);
    assertThat(newcomer.branchesAtPromotion).isEqualTo(3);
    newcomer.reopen();
    connectAll();
    settle();
    newcomer.assertSame(first);
  }

  /// Three branches at one place, of which no proof shows the third, and one machine that was set
  /// back, known to all.
  private Machine threeBranches() throws Exception {
    for (int i = 1; i <= 4; i++) {
      machines.add(new Machine(i));
    }
    connectAll();
    var back = machines.getFirst();
    back.increment("n", 100);
    deliverAll();
    back.remember();
    connectAll();
    deliverAll();
    for (int i = 0; i < 3; i++) {
      back.increment("n", 1 + i);
      back.increment("only/" + i, 1);
      // Each is known to one of the others alone at first.
      var heard = machines.get(1 + i);
      machines.stream().filter(it -> it != heard).forEach(it -> it.inbox.clear());
      while (!heard.inbox.isEmpty()) {
        heard.hear(heard.inbox.remove());
      }
      machines.forEach(it -> it.inbox.clear());
      if (i < 2) {
        back.setBack();
      }
    }
    connectAll();
    settle();
    assertThat(new StoredSpace(back.space.live()).branchRows()).hasSize(3);
    back.assertSame(back);
    return back;
  }

  private void connectAll() {
    for (var one : machines) {
      machines.stream().filter(it -> it != one).forEach(it -> one.on(new Event.PeerUp(it.key)));
    }
  }

  private void settle() {
    BooleanSupplier isSame =
        () ->
            machines.stream()
                .map(it -> it.replica.status())
                .allMatch(it ->
                    it.token().equals(machines.getFirst().replica.status().token())
                        && it.buffered() == 0
                        && it.catchingUp().isEmpty());
    int ticks = 0;
    do {
      nowMillis += Limits.DEFAULT.tick().toMillis();
      machines.forEach(it -> it.on(new Event.Tick()));
      deliverAll();
    } while (!isSame.getAsBoolean() && ++ticks < TICKS_MAX);
    assertThat(isSame.getAsBoolean()).as("all are the same").isTrue();
  }

  private void deliverAll() {
    boolean isMoving = true;
    while (isMoving) {
      isMoving = false;
      for (var machine : machines) {
        while (machine.hasWork || !machine.inbox.isEmpty()) {
          isMoving = true;
          if (machine.hasWork) {
            machine.hasWork = false;
            machine.on(new Event.Continue());
          } else {
            machine.hear(machine.inbox.remove());
          }
        }
      }
    }
  }

  @AfterEach
  void close() {
    machines.forEach(Machine::close);
  }

  /// A node's engine over its store on disk.
  private final class Machine implements MembershipPort {
    private final KeyFingerprint key;
    private final java.nio.file.Path files;
    private final Deque<InFlight> inbox = new ArrayDeque<>();
    private RocksStore store;
    private SpaceStore space;
    private Replica replica;
    private boolean hasWork;
    private int starts = 1;
    private int promotions;
    private int branchesAtPromotion;

    private Machine(int number) throws StoreUnusableException {
      key = new KeyFingerprint(number, number);
      files = directory.resolve("store-" + number);
      store = RocksStore.open(files, CLUSTER, key, new RocksStore.Options(1 << 20, 0));
      space = store.space(MAIN);
      replica = replica();
    }

    private Replica replica() {
      var entropy = new byte[32];
      ByteBuffer.wrap(entropy).putLong(key.high()).putInt(starts);
      return Replica.open(
          new Replica.Setup(
              CLUSTER,
              MAIN,
              key,
              entropy,
              Limits.DEFAULT,
              space.live(),
              space::snapshot,
              _ -> new byte[64],
              Optional.empty(),
              this,
              Proof.NEEDED),
          Instant.ofEpochMilli(nowMillis));
    }

    @Override
    public SortedSet<KeyFingerprint> members() {
      var keys = new TreeSet<KeyFingerprint>();
      machines.forEach(it -> keys.add(it.key));
      return keys;
    }

    @Override
    public int peerForm(List<KeyFingerprint> reachable) {
      return TransferEncoding.BRANCHES_FORM;
    }

    /// Copies its files, as a snapshot of the machine does.
    private void remember() throws Exception {
      close();
      copy(files, beside());
      open();
    }

    /// Files and memory are what they were.
    private void setBack() throws Exception {
      close();
      delete(files);
      copy(beside(), files);
      open();
      connectAll();
    }

    private java.nio.file.Path beside() {
      return files.resolveSibling(files.getFileName() + "-copy");
    }

    private void reopen() throws Exception {
      close();
      starts++;
      open();
    }

    private void open() throws StoreUnusableException {
      inbox.clear();
      hasWork = false;
      store = RocksStore.open(files, CLUSTER, key, new RocksStore.Options(1 << 20, 0));
      space = store.space(MAIN);
      replica = replica();
    }

    private void close() {
      replica.close();
      store.close();
    }

    private void loseLog() {
      var gone = new ArrayList<Changes.Write>();
      space
          .live()
          .scan(
              Table.LOG,
              new byte[0],
              new byte[0],
              (key, _) -> gone.add(new Changes.Write(Table.LOG, key.clone(), Optional.empty())));
      space.persist(new Changes(gone));
    }

    private void increment(String key, long amount) {
      var mutation = new Mutation.Increment(Path.of(key), amount);
      on(
          new Event.Submitted(
              List.of(new Submission(++submissions, "test", Optional.empty(), List.of(mutation)))));
    }

    private void hear(InFlight next) {
      on(new Event.Arrived(next.from(), List.of(next.message())));
    }

    private void on(Event event) {
      for (var effect : replica.on(event, Instant.ofEpochMilli(nowMillis))) {
        switch (effect) {
          case Effect.Persist(var changes) -> persist(changes);
          case Effect.Send(var peers, var message) ->
              machines.stream()
                  .filter(it -> it != this && peers.contains(it.key))
                  .forEach(it -> it.inbox.add(new InFlight(key, message)));
          case Effect.Again() -> hasWork = true;
          case Effect.Alarm alarm ->
              assertThat(alarm.kind())
                  .as(alarm.message())
                  .isIn(Effect.Kind.FORK, Effect.Kind.LOST_TAIL, Effect.Kind.BEHIND_LOG);
          case Effect.Damaged damaged -> throw new AssertionError(damaged.toString());
          case Effect.Answer _, Effect.Applied _, Effect.Acknowledged _, Effect.Adopted _ -> {}
        }
      }
    }

    private void persist(Changes changes) {
      space.persist(changes);
      if (changes.fresh() == Changes.Fresh.PROMOTED) {
        promotions++;
        branchesAtPromotion = new StoredSpace(space.live()).branchRows().size();
      }
    }

    private void assertSame(Machine first) {
      var stored = new StoredSpace(space.live());
      assertThat(stored.branchRows()).isEqualTo(new StoredSpace(first.space.live()).branchRows());
      assertThat(new TreeSet<>(stored.headRows().stream().map(Object::toString).toList()))
          .isEqualTo(
              new TreeSet<>(
                  new StoredSpace(first.space.live())
                      .headRows().stream().map(Object::toString).toList()));
      assertThat(replica.status().digest()).isEqualTo(first.replica.status().digest());
      assertThat(replica.status().closed()).isEqualTo(first.replica.status().closed());
      assertThat(value("n")).isEqualTo(new Value.Int(106));
      for (int i = 0; i < 3; i++) {
        assertThat(value("only/" + i)).isEqualTo(new Value.Int(1));
      }
    }

    private Value value(String name) {
      return new SpaceReader(MAIN, space.live()).view(Path.of(name), 1).toValue();
    }
  }

  private static void copy(java.nio.file.Path from, java.nio.file.Path to) throws IOException {
    try (var found = Files.walk(from)) {
      for (var file : found.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private static void delete(java.nio.file.Path files) throws IOException {
    try (var found = Files.walk(files)) {
      for (var file : found.toList().reversed()) {
        Files.delete(file);
      }
    }
  }
}

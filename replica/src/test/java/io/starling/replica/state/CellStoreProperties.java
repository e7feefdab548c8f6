package io.starling.replica.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Assignment;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Mark;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.store.DotFun;
import io.starling.crdt.store.Unit;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.MemoryState;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// The cells of an event over those of a store: each question has the answer that a plain map of
/// cells gives, whatever was changed, undone, flushed or persisted.
class CellStoreProperties {

  private static final ReplicaId REPLICA = new ReplicaId(new KeyFingerprint(1, 1), 1);

  private final MemoryState durable = new MemoryState();
  private SpaceState state = new SpaceState(new SpaceId(1, 1), durable);
  private TreeMap<CellId, Cell> model = new TreeMap<>();

  @Property(tries = 300)
  void answersLikeAMapOfCells(@ForAll long seed) {
    var random = new Random(seed);
    var subject = new CellStoreProperties();
    subject.state.origins().enrol(REPLICA);
    for (int step = 0; step < 80; step++) {
      subject.step(random);
      subject.check(random);
    }
  }

  private void step(Random random) {
    switch (random.nextInt(12)) {
      case 0 -> durable.persist(state.flush());
      case 1 -> {
        durable.persist(state.flush());
        state = new SpaceState(new SpaceId(1, 1), durable);
      }
      case 2 -> state.cells().flush();
      case 3 -> undoSome(random);
      default -> change(random);
    }
  }

  private void undoSome(Random random) {
    int mark = state.cells().mark();
    var before = new TreeMap<>(model);
    int changes = random.nextInt(5);
    for (int i = 0; i < changes; i++) {
      change(random);
    }
    state.cells().undo(mark);
    model = before;
  }

  private void change(Random random) {
    var id = id(random);
    var content = random.nextInt(3) == 0 ? Cell.empty(id.kind()) : content(id, random);
    state.cells().put(id, content);
    if (content.isEmpty()) {
      model.remove(id);
    } else {
      model.put(id, content);
    }
  }

  private void check(Random random) {
    var id = id(random);
    assertThat(state.cells().get(id)).isEqualTo(model.getOrDefault(id, Cell.empty(id.kind())));
    var path = id.path();
    assertThat(state.cells().atAndBelow(path)).isEqualTo(below(path));
    int limit = 1 + random.nextInt(4);
    var some = state.cells().atAndBelow(path, limit);
    assertThat(some.size() > limit).isEqualTo(below(path).size() > limit);
    if (some.size() <= limit) {
      assertThat(some).isEqualTo(below(path));
    }
    assertThat(state.cells().kindsAt(path)).isEqualTo(kinds(path));
    assertThat(state.cells().header(path.key())).isEqualTo(header(path.key()));
  }

  private List<CellId> below(Path path) {
    return model.keySet().stream().filter(id -> path.isAtOrAbove(id.path())).toList();
  }

  private Set<CellKind> kinds(Path path) {
    var kinds = EnumSet.noneOf(CellKind.class);
    for (var id : below(path)) {
      if (Optional.ofNullable(model.get(id)).orElseThrow().isLive()) {
        kinds.add(id.path().equals(path) ? id.kind() : CellKind.MAP);
      }
    }
    return kinds;
  }

  private KeyHeader header(String key) {
    var counts = new long[8];
    model.forEach((id, cell) -> {
      if (id.path().key().equals(key)) {
        counts[0]++;
        var kind = id.path().isRoot() ? id.kind() : CellKind.MAP;
        counts[kind.code()] += cell.isLive() ? 1 : 0;
      }
    });
    return new KeyHeader(
        counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6], counts[7]);
  }

  private static CellId id(Random random) {
    var path = Path.of(random.nextBoolean() ? "k" : "k2");
    int depth = random.nextInt(3);
    for (int i = 0; i < depth; i++) {
      path = path.field(random.nextBoolean() ? "f" : "g");
    }
    return switch (random.nextInt(7)) {
      case 0 -> new CellId.Single(path, CellKind.REGISTER);
      case 1 -> new CellId.Single(path, CellKind.FLAG);
      case 2 -> new CellId.Single(path, CellKind.MAP);
      case 3 -> new CellId.Share(path, REPLICA);
      case 4 -> new CellId.Single(path, CellKind.DISABLE_WINS_FLAG);
      case 5 -> new CellId.Element(path, new Value.Int(random.nextInt(30)), Bias.REMOVE);
      default -> new CellId.Element(path, new Value.Int(random.nextInt(30)));
    };
  }

  private static Cell content(CellId id, Random random) {
    var dot = new Dot(REPLICA, 1 + random.nextInt(9), random.nextInt(3));
    return switch (id.kind()) {
      case MAP, FLAG, SET -> new Cell.Presence(DotFun.of(dot, Unit.UNIT));
      case DISABLE_WINS_FLAG, REMOVE_WINS_SET ->
          new Cell.Contested(DotFun.of(dot, random.nextBoolean() ? Mark.ADDED : Mark.REMOVED));
      case REGISTER ->
          new Cell.Register(
              DotFun.of(dot, new Assignment(new Value.Int(1), HybridTime.ZERO, ReadRule.LATEST)));
      case COUNTER -> share(dot, random);
    };
  }

  private static Cell share(Dot dot, Random random) {
    var share = ((Cell.Share) Cell.empty(CellKind.COUNTER)).plus(dot, random.nextInt(9));
    return random.nextBoolean() ? share : share.resetTo(share.counted());
  }

  @Property(tries = 1)
  void manyCellsAtAPathAreFoundByTheirTypes() {
    var subject = new CellStoreProperties();
    subject.state.origins().enrol(REPLICA);
    var path = Path.of("k").field("f");
    var ids = new ArrayList<CellId>();
    for (int i = 0; i < 40; i++) {
      ids.add(new CellId.Element(path, new Value.Int(i)));
    }
    var dot = new Dot(REPLICA, 1, 0);
    ids.forEach(id -> subject.state.cells().put(id, new Cell.Presence(DotFun.of(dot, Unit.UNIT))));
    subject.durable.persist(subject.state.flush());
    var cells = subject.state.cells();
    assertThat(cells.kindsAt(path)).containsExactly(CellKind.SET);
    ids.subList(0, 39).forEach(id -> cells.put(id, Cell.empty(CellKind.SET)));
    assertThat(cells.kindsAt(path)).containsExactly(CellKind.SET);
    cells.put(ids.getLast(), Cell.empty(CellKind.SET));
    assertThat(cells.kindsAt(path)).isEmpty();
    assertThat(cells.kindsAt(Path.of("k"))).isEmpty();
  }
}

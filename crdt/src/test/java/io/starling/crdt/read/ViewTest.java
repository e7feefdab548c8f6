package io.starling.crdt.read;

import static io.starling.crdt.model.Ops.number;
import static io.starling.crdt.model.Ops.numbers;
import static io.starling.crdt.model.Ops.object;
import static io.starling.crdt.model.Ops.text;
import static io.starling.crdt.model.Ops.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Assignment;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.op.Operation;
import io.starling.crdt.store.DotFun;
import io.starling.crdt.store.Unit;
import io.starling.crdt.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ViewTest {

  private static final Path KEY = Path.of("k");
  private static final Path FIELD = KEY.field("f");
  private static final Cell PRESENT = new Cell.Presence(DotFun.of(dot(1, 1), Unit.UNIT));

  private final ViewBuilder builder = new ViewBuilder(KEY, 2);

  @Test
  void theLatestStampIsReadAndTheGreaterDotOfEqualOnes() {
    var values = new TreeMap<Dot, Assignment>();
    values.put(dot(3, 1), assignment(1, 10, ReadRule.ALL));
    values.put(dot(2, 1), assignment(2, 20, ReadRule.LATEST));
    values.put(dot(1, 1), assignment(3, 20, ReadRule.ALL));
    var register = new View.Register(values);
    assertThat(register.latest().getKey()).isEqualTo(dot(2, 1));
    assertThat(register.rule()).isEqualTo(ReadRule.LATEST);
    assertThat(register.toValue()).isEqualTo(number(2));
    values.put(dot(1, 2), assignment(4, -1, ReadRule.ALL));
    // As an unsigned number, -1 is the last stamp there is.
    assertThat(new View.Register(values).toValue()).isEqualTo(numbers(3, 4, 2, 1));
    assertThat(register.values()).as("a view does not change").hasSize(3);
  }

  @Test
  void aRegisterHasAValue() {
    assertThatThrownBy(() -> new View.Register(new TreeMap<>()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsNotLiveIsNotRead() {
    builder.add(share(KEY, 1), new Cell.Share(new Tally(1, 0, 5), new Tally(1, 0, 5)));
    builder.add(share(FIELD, 1), new Cell.Share(new Tally(1, 0, 5), new Tally(2, 0, 7)));
    assertThat(builder.build()).isEqualTo(new View.Absent());
    assertThat(new View.Absent().toValue()).isEqualTo(new Value.Null());
  }

  @Test
  void aCounterAddsUpSharesAndTellsWhatToNameInAReset() {
    builder.add(share(KEY, 1), new Cell.Share(new Tally(4, 0, 5), new Tally(1, 0, 2)));
    builder.add(share(KEY, 2), new Cell.Share(new Tally(1, 3, -10), Tally.NONE));
    var counter = (View.Counter) builder.build();
    assertThat(counter.total()).isEqualTo(-7);
    assertThat(counter.shares())
        .extracting(named -> named.seen().total())
        .containsExactly(5L, -10L);
  }

  /// A store orders the shares of a counter by its own numbers for replicas.
  @Test
  void sharesAreToldInOneOrderWhateverOrderTheyCameIn() {
    builder.add(share(KEY, 2), new Cell.Share(new Tally(1, 3, -10), Tally.NONE));
    builder.add(share(KEY, 1), new Cell.Share(new Tally(4, 0, 5), Tally.NONE));
    var counter = (View.Counter) builder.build();
    assertThat(new Operation.Reset(KEY, counter.shares()).seen()).hasSize(2);
  }

  @Test
  void elementsBeyondTheLimitAreMentionedAndNotKept() {
    for (var element : List.of("a", "b", "c")) {
      builder.add(new CellId.Element(KEY, new Value.Text(element)), PRESENT);
    }
    var elements = (View.Elements) builder.build();
    assertThat(elements.more()).isTrue();
    assertThat(elements.toValue()).isEqualTo(texts("a", "b"));
  }

  @Test
  void aViewBelowAPathBeginsThere() {
    var inner = new ViewBuilder(FIELD, 10);
    inner.add(new CellId.Single(FIELD.field("g"), CellKind.FLAG), PRESENT);
    assertThat(inner.build().toValue()).isEqualTo(object("g", new Value.Bool(true)));
  }

  @Test
  void typesInConflictAreShownSideBySide() {
    builder.add(new CellId.Single(KEY, CellKind.FLAG), PRESENT);
    builder.add(share(KEY, 1), new Cell.Share(new Tally(1, 0, 5), Tally.NONE));
    var conflict = builder.build();
    assertThat(conflict.typeLabel()).isEqualTo("flag+counter");
    var both = object("counter", number(5), "flag", new Value.Bool(true));
    assertThat(conflict.toValue()).isEqualTo(object("conflict", both));
  }

  @Test
  void everyTypeHasAName() {
    assertThat(new View.Absent().typeLabel()).isEqualTo("absent");
    assertThat(new View.Flag(Bias.ADD).typeLabel()).isEqualTo("flag");
    assertThat(new View.Counter(0, List.of()).typeLabel()).isEqualTo("counter");
    assertThat(new View.Elements(Bias.ADD, List.of(), false).typeLabel()).isEqualTo("set");
    assertThat(new View.Flag(Bias.REMOVE).typeLabel()).isEqualTo("disable-wins-flag");
    assertThat(new View.Elements(Bias.REMOVE, List.of(), false).typeLabel())
        .isEqualTo("remove-wins-set");
    assertThat(new View.Fields(new TreeMap<>()).typeLabel()).isEqualTo("map");
    var values = new TreeMap<Dot, Assignment>();
    values.put(dot(1, 1), assignment(1, 0, ReadRule.LATEST));
    assertThat(new View.Register(values).typeLabel()).isEqualTo("register");
  }

  @Test
  void aViewDoesNotChangeWithWhatItWasMadeOf() {
    var elements = new ArrayList<Value>(List.of(text("a")));
    var fields = new TreeMap<String, View>();
    var set = new View.Elements(Bias.ADD, elements, false);
    var map = new View.Fields(fields);
    elements.clear();
    fields.put("late", new View.Flag(Bias.ADD));
    assertThat(set.elements()).hasSize(1);
    assertThat(map.fields()).isEmpty();
  }

  private static Assignment assignment(long value, long bits, ReadRule rule) {
    return new Assignment(new Value.Int(value), new HybridTime(bits), rule);
  }

  private static CellId.Share share(Path path, long origin) {
    return new CellId.Share(path, dot(origin, 1).replica());
  }

  private static Dot dot(long replica, long seq) {
    return new Dot(new ReplicaId(new KeyFingerprint(0, 0), replica), seq, 0);
  }
}

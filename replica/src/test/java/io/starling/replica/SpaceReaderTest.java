package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.port.Changes;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.Table;
import io.starling.replica.read.Changed;
import io.starling.replica.read.Coverage;
import io.starling.replica.read.KeyPage;
import io.starling.replica.read.LogBudget;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.read.TooLargeException;
import io.starling.replica.read.TypedPage;
import io.starling.replica.request.Mutation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SpaceReaderTest {

  private final Cluster cluster = new Cluster(2);
  private final Cluster.Member member = cluster.member(0);

  @Test
  void anEmptySpaceReadsAsNothing() {
    var reader = new SpaceReader(Cluster.MAIN, new MemoryState());
    assertThat(reader.token()).isEqualTo(new Token(Cluster.MAIN, List.of()));
    assertThat(reader.view(Path.of("k"), 10)).isEqualTo(new View.Absent());
    assertThat(reader.cardinality("k")).isZero();
    assertThat(reader.keys("", "", 10)).isEqualTo(new KeyPage(List.of(), false));
    assertThat(reader.coverage(reader.token())).isEqualTo(Coverage.COVERED);
    assertThat(changed(reader, reader.token(), 10)).isEqualTo(new Changed.Keys(new TreeSet<>()));
  }

  @Test
  void elementsPageInOrderBySeek() {
    for (int i = 0; i < 25; i++) {
      member.commit(new Mutation.AddElement(Path.of("s"), new Value.Int(i * 7 % 25)));
    }
    var seen = new ArrayList<Value>();
    Optional<Value> after = Optional.empty();
    View.Elements page;
    do {
      page = member.reader().elements(Path.of("s"), after, 4);
      assertThat(page.elements().size()).isEqualTo(page.more() ? 4 : 1);
      seen.addAll(page.elements());
      after = Optional.of(page.elements().getLast());
    } while (page.more());
    assertThat(seen).hasSize(25).isSortedAccordingTo(EARLIER);
    assertThat(member.reader().elements(Path.of("s"), after, 4).elements()).isEmpty();
    assertThat(member.reader().elements(Path.of("s"), Optional.of(new Value.Int(-5)), 1))
        .isEqualTo(new View.Elements(Bias.ADD, List.of(new Value.Int(0)), true));
  }

  private static final Comparator<Value> EARLIER =
      Comparator.comparingLong(value -> ((Value.Int) value).value());

  @Test
  void aPageThatIsJustFullHasNoMore() {
    member.commit(Cluster.add("s", "a"), Cluster.add("s", "b"));
    assertThat(member.reader().elements(Path.of("s"), Optional.empty(), 2).more()).isFalse();
    assertThat(member.reader().view(Path.of("s"), 2))
        .isEqualTo(
            new View.Elements(Bias.ADD, List.of(new Value.Text("a"), new Value.Text("b")), false));
    assertThat(member.reader().view(Path.of("s"), 1))
        .isEqualTo(new View.Elements(Bias.ADD, List.of(new Value.Text("a")), true));
    assertThat(member.reader().view(Path.of("s"), 0))
        .isEqualTo(new View.Elements(Bias.ADD, List.of(), true));
  }

  @Test
  void cardinalityAndMembershipCostOneLookUp() {
    member.commit(Cluster.add("s", "a"), Cluster.add("s", "b"), Cluster.add("s", "a"));
    member.commit(new Mutation.RemoveElement(Path.of("s"), new Value.Text("a")));
    assertThat(member.reader().cardinality("s")).isEqualTo(1);
    assertThat(member.reader().contains(Path.of("s"), new Value.Text("b"))).isTrue();
    assertThat(member.reader().contains(Path.of("s"), new Value.Text("a"))).isFalse();
    assertThat(member.reader().cardinality("absent")).isZero();
  }

  @Test
  void keysPageWithinAPrefix() {
    for (var key : List.of("a", "a/1", "a/2", "a/3", "a0", "b")) {
      member.commit(Cluster.set(key, "v"));
    }
    member.commit(new Mutation.Remove(Path.of("a/2")));
    var reader = member.reader();
    assertThat(reader.keys("", "", 100).keys()).containsExactly("a", "a/1", "a/3", "a0", "b");
    assertThat(reader.keys("a/", "", 1)).isEqualTo(new KeyPage(List.of("a/1"), true));
    assertThat(reader.keys("a/", "a/1", 1)).isEqualTo(new KeyPage(List.of("a/3"), false));
    assertThat(reader.keys("a/", "a/3", 1)).isEqualTo(new KeyPage(List.of(), false));
    assertThat(reader.keys("a/", "z", 1)).isEqualTo(new KeyPage(List.of(), false));
    assertThat(reader.keys("a", "0", 9).keys()).containsExactly("a", "a/1", "a/3", "a0");
    assertThat(reader.keys("a", "a", 9).keys()).containsExactly("a/1", "a/3", "a0");
  }

  @Test
  void aKeyWithNothingButTheTraceOfACounterIsNotListed() {
    member.commit(Cluster.increment("n", 3));
    member.commit(new Mutation.Remove(Path.of("n")));
    assertThat(member.reader().keys("", "", 10).keys()).isEmpty();
    assertThat(member.status().cells()).isEqualTo(1);
    assertThat(member.view("n")).isEqualTo(new View.Absent());
  }

  @Test
  void aTokenIsCoveredWhenAllItsHeadsAre() {
    member.commit(Cluster.set("k", "1"));
    var early = member.reader().token();
    member.commit(Cluster.set("k", "2"));
    var late = member.reader().token();
    cluster.member(1).hear(member, member.applied().getFirst());
    var there = cluster.member(1).reader();
    assertThat(there.coverage(early)).isEqualTo(Coverage.COVERED);
    assertThat(there.coverage(late)).isEqualTo(Coverage.NOT_YET);
    cluster.deliverAll();
    assertThat(cluster.member(1).reader().coverage(late)).isEqualTo(Coverage.COVERED);
    assertThat(cluster.member(1).reader().coverage(early)).isEqualTo(Coverage.COVERED);
  }

  @Test
  void aTokenOfAnotherSpaceOrBranchIsForeign() {
    member.commit(Cluster.set("k", "1"));
    member.commit(Cluster.set("k", "2"));
    var reader = member.reader();
    assertThat(reader.coverage(new Token(SpaceId.of(Cluster.ID, "other", 0), List.of())))
        .isEqualTo(Coverage.FOREIGN);
    for (long seq = 1; seq <= 2; seq++) {
      var head = new Token.Prefix(member.self(), seq, 42);
      assertThat(reader.coverage(new Token(Cluster.MAIN, List.of(head))))
          .isEqualTo(Coverage.FOREIGN);
    }
  }

  @Test
  void aTokenOfBeforeARestartIsCoveredByWhatClosesIt() {
    member.commit(Cluster.set("k", "1"));
    var old = member.reader().token();
    member.restart();
    cluster.connectAll();
    member.commit(Cluster.set("k", "2"));
    cluster.rounds(2);
    var there = cluster.member(1).reader();
    assertThat(there.coverage(old)).isEqualTo(Coverage.COVERED);
    assertThat(there.coverage(member.reader().token())).isEqualTo(Coverage.COVERED);
    assertThat(changed(there, member.reader().token(), 10)).isEqualTo(keys());
    assertThat(changed(there, old, 10)).isEqualTo(keys("k"));
  }

  @Test
  void whatChangedSinceATokenIsNamedByKey() {
    member.commit(Cluster.set("a", "1"));
    var token = member.reader().token();
    member.commit(Cluster.set("b", "1"), Cluster.add("s", "x"));
    cluster.member(1).commit(Cluster.set("c", "1"));
    cluster.deliverAll();
    var reader = member.reader();
    assertThat(changed(reader, token, 10)).isEqualTo(keys("b", "c", "s"));
    assertThat(changed(reader, token, 3)).isEqualTo(keys("b", "c", "s"));
    assertThat(changed(reader, token, 2)).isEqualTo(new Changed.TooMany());
    assertThat(changed(reader, reader.token(), 10)).isEqualTo(keys());
    assertThat(changed(reader, new Token(Cluster.MAIN, List.of()), 10))
        .isEqualTo(keys("a", "b", "c", "s"));
  }

  @Test
  void noMoreOfTheLogIsReadThanTheBudgetAllows() {
    member.commit(Cluster.set("a", "1"));
    var token = member.reader().token();
    member.commit(Cluster.set("b", "1"));
    member.commit(Cluster.set("c", "1"));
    var reader = member.reader();
    assertThat(reader.changedSince(token, 10, LogBudget.of(1, 1_000_000)))
        .isEqualTo(new Changed.OverBudget());
    assertThat(reader.changedSince(token, 10, LogBudget.of(10, 300)))
        .isEqualTo(new Changed.OverBudget());
    var budget = LogBudget.of(3, 1_000_000);
    assertThat(reader.changedSince(token, 10, budget)).isEqualTo(keys("b", "c"));
    assertThat(reader.changedSince(token, 10, budget)).isEqualTo(new Changed.OverBudget());
    assertThat(reader.changedSince(reader.token(), 10, budget)).isEqualTo(keys());
  }

  @Test
  void whereTheLogWasCutItSaysSo() {
    member.commit(Cluster.set("a", "1"));
    var token = member.reader().token();
    member.commit(Cluster.set("b", "1"));
    member.commit(Cluster.set("c", "1"));
    var cut = new ArrayList<Changes.Write>();
    member.state.scan(
        Table.LOG,
        new byte[0],
        new byte[0],
        (key, _) -> cut.add(new Changes.Write(Table.LOG, key, Optional.empty())) && cut.size() < 2);
    member.state.persist(new Changes(cut));
    assertThat(changed(member.reader(), token, 10)).isEqualTo(new Changed.BehindLog());
    assertThat(changed(member.reader(), member.reader().token(), 10)).isEqualTo(keys());
  }

  @Test
  void aViewOfTooManyCellsIsRefusedAndItsPartsAreRead() {
    for (int part = 0; part < 11; part++) {
      var mutations = new ArrayList<Mutation>();
      for (int i = 0; i < 10_000; i++) {
        var path = Path.of("big").field("set");
        mutations.add(new Mutation.AddElement(path, new Value.Int(part * 10_000 + i)));
      }
      member.commit(mutations.toArray(Mutation[]::new));
    }
    var reader = member.reader();
    assertThatThrownBy(() -> reader.view(Path.of("big"), 10))
        .isInstanceOf(TooLargeException.class)
        .hasMessage("'big' has more than 100000 cells; read it by its parts");
    var page = reader.elements(Path.of("big").field("set"), Optional.empty(), 3);
    assertThat(page.elements()).hasSize(3);
    assertThat(page.more()).isTrue();
  }

  @Test
  void keysOfATypeAreThoseThatHoldIt() {
    for (var key : List.of("a", "a/1", "a/2", "b")) {
      member.commit(new Mutation.Increment(Path.of(key), 0));
      member.commit(new Mutation.AddElement(Path.of(key + "s"), new Value.Int(1), Bias.REMOVE));
    }
    member.commit(new Mutation.Increment(new Path("map", List.of("f")), 1));
    member.commit(new Mutation.Increment(Path.of("gone"), 1), new Mutation.Remove(Path.of("gone")));
    var reader = member.reader();
    assertThat(reader.keysOf(CellKind.COUNTER, "", "", 10))
        .isEqualTo(new TypedPage(List.of("a", "a/1", "a/2", "b"), Optional.empty()));
    assertThat(reader.keysOf(CellKind.REMOVE_WINS_SET, "a/", "", 10).keys())
        .containsExactly("a/1s", "a/2s");
    assertThat(reader.keysOf(CellKind.MAP, "", "", 10).keys()).containsExactly("map");
    assertThat(reader.keysOf(CellKind.SET, "", "", 10).keys()).isEmpty();

    var first = reader.keysOf(CellKind.COUNTER, "a/", "", 1);
    assertThat(first).isEqualTo(new TypedPage(List.of("a/1"), Optional.of("a/1")));
    assertThat(reader.keysOf(CellKind.COUNTER, "a/", "a/1", 1))
        .isEqualTo(new TypedPage(List.of("a/2"), Optional.of("a/2")));
    assertThat(reader.keysOf(CellKind.COUNTER, "a/", "a/2", 1))
        .isEqualTo(new TypedPage(List.of(), Optional.empty()));
  }

  @Test
  void keysOfATypePageAfterSoManyLooks() {
    for (int i = 0; i <= SpaceReader.LOOKS_MAX; i += 100) {
      var some = new ArrayList<Mutation>();
      for (int j = i; j < i + 100; j++) {
        some.add(new Mutation.Increment(Path.of("%06d".formatted(j)), 1));
      }
      member.commit(some.toArray(Mutation[]::new));
    }
    member.commit(new Mutation.SetFlag(Path.of("flag"), true));
    var reader = member.reader();
    var first = reader.keysOf(CellKind.FLAG, "", "", 10);
    assertThat(first.keys()).isEmpty();
    assertThat(first.after()).contains("%06d".formatted(SpaceReader.LOOKS_MAX - 1));
    assertThat(reader.keysOf(CellKind.FLAG, "", first.after().orElseThrow(), 10))
        .isEqualTo(new TypedPage(List.of("flag"), Optional.empty()));
  }

  @Test
  void aSetThatWasACounterOnceIsStillPaged() {
    member.commit(Cluster.increment("s", 1));
    member.commit(new Mutation.Remove(Path.of("s")));
    for (int part = 0; part < 11; part++) {
      var mutations = new ArrayList<Mutation>();
      for (int i = 0; i < 10_000; i++) {
        mutations.add(new Mutation.AddElement(Path.of("s"), new Value.Int(part * 10_000 + i)));
      }
      member.commit(mutations.toArray(Mutation[]::new));
    }
    var view = (View.Elements) member.reader().view(Path.of("s"), 2);
    assertThat(view.elements()).containsExactly(new Value.Int(0), new Value.Int(1));
    assertThat(view.more()).isTrue();
    assertThat(member.reader().cardinality("s")).isEqualTo(110_000);
  }

  @Test
  void everyTypeIsReadAtItsPath() {
    var fields = new TreeMap<String, Value>();
    fields.put("name", new Value.Text("x"));
    member.commit(
        new Mutation.Merge(Path.of("doc"), new Value.Struct(fields), true),
        new Mutation.Increment(Path.of("doc").field("n"), 4),
        new Mutation.SetFlag(Path.of("doc").field("on"), true),
        new Mutation.AddElement(Path.of("doc").field("tags"), new Value.Text("t")));
    var json = (Value.Struct) member.view("doc").toValue();
    assertThat(json.fields())
        .containsEntry("name", new Value.Text("x"))
        .containsEntry("n", new Value.Int(4))
        .containsEntry("on", new Value.Bool(true))
        .containsEntry("tags", new Value.Array(List.of(new Value.Text("t"))));
    assertThat(member.reader().view(Path.of("doc").field("n"), 1).toValue())
        .isEqualTo(new Value.Int(4));
  }

  private static Changed keys(String... keys) {
    return new Changed.Keys(new TreeSet<>(List.of(keys)));
  }

  private static Changed changed(SpaceReader reader, Token since, int keysMax) {
    return reader.changedSince(since, keysMax, LogBudget.of(1_000, 1_000_000));
  }
}

package io.starling.crdt.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import java.util.Comparator;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DotStoreTest {

  private static final Dot DOT = dot(1);
  private static final DotFun<String> HELD = DotFun.of(DOT, "v");
  private static final DotFun<String> NONE = DotFun.empty();
  private static final CausalContext SEEN = CausalContext.of(DOT);
  private static final CausalContext UNSEEN = CausalContext.NOTHING;

  @Test
  void aDotStaysIfBothHoldItOrOneDoesAndTheOtherNeverSawIt() {
    assertThat(HELD.join(SEEN, HELD, SEEN)).isEqualTo(HELD);
    assertThat(HELD.join(SEEN, NONE, UNSEEN)).isEqualTo(HELD);
    assertThat(NONE.join(UNSEEN, HELD, SEEN)).isEqualTo(HELD);
    assertThat(HELD.joinAbsent(UNSEEN)).isEqualTo(HELD);
  }

  @Test
  void aDotGoesIfTheOtherSawItAndHoldsItNoMore() {
    assertThat(HELD.join(SEEN, NONE, SEEN)).isEqualTo(NONE);
    assertThat(NONE.join(SEEN, HELD, SEEN)).isEqualTo(NONE);
    assertThat(HELD.joinAbsent(SEEN)).isEqualTo(NONE);
  }

  @Test
  void aKeyWithoutADotIsAbsent() {
    var map = map("k", HELD);
    assertThat(map("k", NONE)).isEqualTo(DotMap.empty());
    assertThat(map.joinAbsent(SEEN).isEmpty()).isTrue();
    assertThat(map.join(SEEN, DotMap.empty(), SEEN).get("k")).isEmpty();
    assertThat(DotMap.<String, DotFun<String>>empty().join(SEEN, map, SEEN).isEmpty()).isTrue();
    assertThat(map.join(SEEN, DotMap.empty(), UNSEEN).get("k")).contains(HELD);
  }

  @Test
  void keysJoinEachByItself() {
    var mine = map("a", HELD);
    var theirs = map("b", DotFun.of(dot(2), "w"));
    var vector = VersionVector.EMPTY.with(DOT.replica(), 2);
    var joined = mine.join(SEEN, theirs, vector);
    assertThat(joined.entries().keySet()).containsExactly("b");
  }

  @Test
  void withAndWithoutMakeNewStores() {
    var two = HELD.with(dot(2), "w");
    assertThat(two.entries()).hasSize(2);
    assertThat(two.without(SEEN).entries().keySet()).containsExactly(dot(2));
    assertThat(HELD.entries()).hasSize(1);
    assertThat(HELD.without(UNSEEN)).isEqualTo(HELD);
  }

  @Test
  void entriesHaveOneOrderWhateverOrderTheyCameIn() {
    var dots = new TreeMap<Dot, String>(Comparator.reverseOrder());
    dots.put(dot(1), "v");
    dots.put(dot(2), "w");
    assertThat(new DotFun<>(dots).entries().firstKey()).isEqualTo(dot(1));
    var keys = new TreeMap<String, DotFun<String>>(Comparator.reverseOrder());
    keys.put("a", HELD);
    keys.put("b", DotFun.of(dot(2), "w"));
    assertThat(new DotMap<>(keys).entries().firstKey()).isEqualTo("a");
  }

  private static DotMap<String, DotFun<String>> map(String key, DotFun<String> store) {
    var entries = new TreeMap<String, DotFun<String>>();
    entries.put(key, store);
    return new DotMap<>(entries);
  }

  private static Dot dot(long seq) {
    return new Dot(new ReplicaId(new KeyFingerprint(0, 0), 1), seq, 0);
  }
}

package io.starling.node.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Changes.Write;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What every store of spaces does; run against each.
public interface SpaceStoreContract {

  SpaceId ONE = new SpaceId(1, 2);
  SpaceId OTHER = new SpaceId(1, 3);

  NodeStore store();

  @Test
  default void whatWasPersistedIsRead() {
    var space = store().space(ONE);
    space.persist(changes(put(Table.CELLS, "01", "aa"), put(Table.META, "01", "bb")));
    assertThat(space.live().get(Table.CELLS, bytes("01"))).contains(bytes("aa"));
    assertThat(space.live().get(Table.META, bytes("01"))).contains(bytes("bb"));
    assertThat(space.live().get(Table.LOG, bytes("01"))).isEmpty();
  }

  @Test
  default void aRemovedEntryIsGone() {
    var space = store().space(ONE);
    space.persist(changes(put(Table.CELLS, "01", "aa"), put(Table.CELLS, "02", "bb")));
    space.persist(changes(remove(Table.CELLS, "01"), put(Table.CELLS, "02", "cc")));
    assertThat(all(space.live(), Table.CELLS)).containsExactly("02=cc");
  }

  @Test
  default void keysAreOrderedAsUnsignedBytes() {
    var space = store().space(ONE);
    space.persist(
        changes(
            put(Table.LOG, "", "00"),
            put(Table.LOG, "00", "01"),
            put(Table.LOG, "7f", "02"),
            put(Table.LOG, "7fff", "03"),
            put(Table.LOG, "80", "04"),
            put(Table.LOG, "ff", "05"),
            put(Table.LOG, "ffff", "06")));
    assertThat(all(space.live(), Table.LOG))
        .containsExactly("=00", "00=01", "7f=02", "7fff=03", "80=04", "ff=05", "ffff=06");
    assertThat(range(space.live(), Table.LOG, "7f", "ff"))
        .containsExactly("7f=02", "7fff=03", "80=04");
    assertThat(range(space.live(), Table.LOG, "ff", "")).containsExactly("ff=05", "ffff=06");
    assertThat(range(space.live(), Table.LOG, "90", "80")).isEmpty();
  }

  @Test
  default void aScanStopsWhenTheVisitorHasEnough() {
    var space = store().space(ONE);
    space.persist(changes(put(Table.CELLS, "01", "aa"), put(Table.CELLS, "02", "bb")));
    var seen = new ArrayList<String>();
    space
        .live()
        .scan(
            Table.CELLS,
            new byte[0],
            new byte[0],
            (key, _) -> {
              seen.add(hex(key));
              return false;
            });
    assertThat(seen).containsExactly("01");
  }

  @Test
  default void spacesDoNotSeeEachOther() {
    var one = store().space(ONE);
    var other = store().space(OTHER);
    one.persist(changes(put(Table.CELLS, "01", "aa"), put(Table.CELLS, "ffffffffff", "ff")));
    other.persist(changes(put(Table.CELLS, "00", "bb")));
    assertThat(all(one.live(), Table.CELLS)).containsExactly("01=aa", "ffffffffff=ff");
    assertThat(all(other.live(), Table.CELLS)).containsExactly("00=bb");
  }

  @Test
  default void aSnapshotStaysAsItWas() {
    var space = store().space(ONE);
    space.persist(changes(put(Table.CELLS, "01", "aa")));
    try (var snapshot = space.snapshot()) {
      space.persist(changes(remove(Table.CELLS, "01"), put(Table.CELLS, "02", "bb")));
      assertThat(all(snapshot, Table.CELLS)).containsExactly("01=aa");
      assertThat(snapshot.get(Table.CELLS, bytes("02"))).isEmpty();
      assertThat(all(space.live(), Table.CELLS)).containsExactly("02=bb");
    }
  }

  @Test
  default void recoveringAWorkingStoreIsHarmless() {
    var space = store().space(ONE);
    space.persist(changes(put(Table.CELLS, "01", "aa")));
    space.recover();
    assertThat(all(space.live(), Table.CELLS)).containsExactly("01=aa");
  }

  @Test
  default void manyRandomChangesReadAsTheyDoInMemory() {
    var random = new Random(7);
    var space = store().space(ONE);
    var model = new MemoryState();
    for (int round = 0; round < 200; round++) {
      var writes = new TreeMap<String, Write>();
      for (int i = 0; i < 20; i++) {
        var table = Table.values()[random.nextInt(Table.values().length)];
        var key = "%04x".formatted(random.nextInt(300));
        var write =
            random.nextInt(3) == 0
                ? remove(table, key)
                : put(table, key, "%08x".formatted(random.nextInt()));
        writes.put(table + key, write);
      }
      var fates = List.of(Changes.Fresh.KEPT, Changes.Fresh.CLEARED, Changes.Fresh.PROMOTED);
      var fate = fates.get(Math.max(0, random.nextInt(20) - 17));
      var changes = new Changes(fate, List.copyOf(writes.values()));
      try (var before = space.snapshot()) {
        space.persist(changes);
        for (var table : Table.values()) {
          assertThat(all(before, table)).isEqualTo(all(model, table));
        }
      }
      model.persist(changes);
      if (random.nextInt(10) == 0) {
        space.recover();
      }
    }
    for (var table : Table.values()) {
      assertThat(all(space.live(), table)).isEqualTo(all(model, table));
    }
  }

  static Changes changes(Write... writes) {
    return new Changes(List.of(writes));
  }

  static Write put(Table table, String key, String value) {
    return new Write(table, bytes(key), Optional.of(bytes(value)));
  }

  static Write remove(Table table, String key) {
    return new Write(table, bytes(key), Optional.empty());
  }

  static List<String> all(StatePort state, Table table) {
    return range(state, table, "", "");
  }

  static List<String> range(StatePort state, Table table, String from, String to) {
    var found = new ArrayList<String>();
    state.scan(
        table,
        bytes(from),
        bytes(to),
        (key, value) -> {
          found.add(hex(key) + "=" + hex(value));
          return true;
        });
    return found;
  }

  static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}

package io.starling.replica.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.replica.port.MemoryState;
import io.starling.replica.port.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// Staged changes over a store read like one sorted map, before and after they are persisted.
class StagingProperties {

  @Property(tries = 500)
  void readsLikeOneSortedMap(@ForAll long seed) {
    var random = new Random(seed);
    var durable = new MemoryState();
    var staging = new Staging(durable);
    var model = new TreeMap<String, String>();
    for (int step = 0; step < 60; step++) {
      var key = key(random);
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          staging.put(Table.CELLS, bytes(key), bytes("v" + step));
          model.put(key, "v" + step);
        }
        case 2 -> {
          staging.remove(Table.CELLS, bytes(key));
          model.remove(key);
        }
        case 3 -> durable.persist(staging.take());
        default -> assertScan(staging, model, random);
      }
      assertThat(staging.get(Table.CELLS, bytes(key)).map(StagingProperties::text))
          .isEqualTo(Optional.ofNullable(model.get(key)));
    }
    assertThat(staging.get(Table.META, bytes("a"))).isEmpty();
    durable.persist(staging.take());
    assertThat(staging.isEmpty()).isTrue();
    assertScan(new Staging(durable), model, random);
  }

  private static void assertScan(Staging staging, TreeMap<String, String> model, Random random) {
    var from = random.nextInt(4) == 0 ? "" : key(random);
    var to = random.nextInt(4) == 0 ? "" : key(random);
    if (!to.isEmpty() && to.compareTo(from) < 0) {
      return;
    }
    int limit = 1 + random.nextInt(6);
    var seen = new ArrayList<String>();
    staging.scan(
        Table.CELLS,
        bytes(from),
        bytes(to),
        (key, value) -> {
          seen.add(text(key) + "=" + text(value));
          return seen.size() < limit;
        });
    var range = to.isEmpty() ? model.tailMap(from) : model.subMap(from, to);
    List<String> expected =
        range.entrySet().stream().limit(limit).map(e -> e.getKey() + "=" + e.getValue()).toList();
    assertThat(seen).isEqualTo(expected);
  }

  private static String key(Random random) {
    var key = new StringBuilder();
    int length = 1 + random.nextInt(3);
    for (int i = 0; i < length; i++) {
      key.append((char) ('a' + random.nextInt(3)));
    }
    return key.toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}

package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.config.NodeConfig;
import io.starling.node.hosting.TestNode;
import io.starling.node.space.Space;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// Makes a data directory that holds something of everything, by three nodes of one cluster: values
/// of all types, conflicts, removals, counters with resets, several incarnations with their closes,
/// a state that was taken over as a whole beside one that came by the log, files and write-ahead
/// log.
record Recording(java.nio.file.Path directory) {

  private static final int MANY = 200;
  private static final int LONG = 100_000;
  private static final int LONG_TIMES = 30;

  /// The directory of the node that came last, which is not running.
  java.nio.file.Path make() throws Exception {
    Files.createDirectories(directory);
    var cluster = new TestCluster(directory);
    var first = cluster.join("first", List.of());
    keepLittle(first);
    java.nio.file.Path home;
    try (var one = TestCluster.start(first)) {
      one.spaces().create("recording", "second").toCompletableFuture().join();
      values(space(one, "main"));
      var other = cluster.join("other", List.of(peer(one)));
      keepLittle(other);
      try (var two = TestCluster.start(other)) {
        await().until(() -> isSame(one, two, "main") && two.spaces().find("second").isPresent());
        conflicts(one, two);
        await().until(() -> isSame(one, two, "main") && isSame(one, two, "second"));
        truncate(one);
        await().until(() -> isSame(one, two, "main") && isTruncated(two));
        home = cluster.join("recorded", List.of(peer(one), peer(two)));
        try (var last = TestCluster.start(home)) {
          await()
              .atMost(60, TimeUnit.SECONDS)
              .until(() -> isSame(one, last, "main") && last.spaces().find("second").isPresent());
          await().until(() -> isSame(one, last, "second"));
          assertThat(space(last, "main").status().log().bytes()).isZero();
          for (var name : List.of("main", "second")) {
            write(space(last, name), new Mutation.Increment(Path.of("counter"), 100));
          }
        }
      }
    }
    try (var again = TestCluster.start(home)) {
      var main = space(again, "main");
      write(main, new Mutation.Increment(Path.of("counter"), 5));
      write(main, new Mutation.Remove(Path.of("removed")));
      for (int i = 0; i < MANY; i++) {
        write(space(again, "second"), TestNode.set("many/" + i, "value " + i));
      }
    }
    return home;
  }

  private static String peer(Node node) {
    return node.status().node().addresses().peer();
  }

  private static void keepLittle(java.nio.file.Path home) throws IOException {
    var more = "batches: {keepMegabytes: 1}\ncatchUp: {proof: waived}\n";
    Files.writeString(home.resolve(NodeConfig.FILE), more, StandardOpenOption.APPEND);
  }

  /// Writes until the log does not reach back to the beginning.
  private static void truncate(Node node) {
    var main = space(node, "main");
    for (int i = 0; i < LONG_TIMES; i++) {
      write(main, TestNode.set("long", "x".repeat(LONG)));
    }
    await().until(() -> isTruncated(node));
  }

  private static boolean isTruncated(Node node) {
    return space(node, "main").status().log().bytes() < LONG * LONG_TIMES / 2;
  }

  private static void values(Space main) {
    write(main, TestNode.set("text", "Grüße, 世界"));
    write(main, set("integer", new Value.Int(Long.MIN_VALUE)));
    write(main, set("real", new Value.Real(-0.5)));
    write(main, set("decimal", new Value.Decimal(new BigDecimal("12345678901234567890.0001"))));
    write(main, set("truth", new Value.Bool(true)));
    write(main, set("null", new Value.Null()));
    write(main, set("array", new Value.Array(List.of(new Value.Int(1), new Value.Text("two")))));
    write(main, new Mutation.Set(Path.of("all"), new Value.Int(1), ReadRule.ALL));
    write(main, new Mutation.Increment(Path.of("counter"), 41));
    write(main, new Mutation.Reset(Path.of("counter"), Optional.empty()));
    write(main, new Mutation.Increment(Path.of("counter"), -7));
    write(main, new Mutation.SetFlag(Path.of("flag/on"), true));
    write(main, new Mutation.SetFlag(Path.of("flag/off"), false));
    for (var element : List.of("pear", "apple", "plum")) {
      write(main, new Mutation.AddElement(Path.of("set"), new Value.Text(element)));
    }
    write(main, new Mutation.RemoveElement(Path.of("set"), new Value.Text("plum")));
    write(main, new Mutation.Set(Path.of("greatest"), new Value.Int(70), ReadRule.MAX));
    write(main, new Mutation.Set(Path.of("least"), new Value.Text("b"), ReadRule.MIN));
    write(main, new Mutation.SetFlag(Path.of("contested/on"), true, Bias.REMOVE));
    write(main, new Mutation.SetFlag(Path.of("contested/off"), false, Bias.REMOVE));
    for (var element : List.of("read", "write")) {
      var rights = Path.of("rights");
      write(main, new Mutation.AddElement(rights, new Value.Text(element), Bias.REMOVE));
      write(main, new Mutation.RemoveElement(rights, new Value.Text("write"), Bias.REMOVE));
    }
    write(main, TestNode.set("removed", "gone"));
    var address = new TreeMap<String, Value>();
    address.put("city", new Value.Text("Bern"));
    address.put("tags", new Value.Array(List.of(new Value.Text("a"))));
    var document = new TreeMap<String, Value>();
    document.put("name", new Value.Text("Ada"));
    document.put("address", new Value.Struct(address));
    write(main, new Mutation.Merge(Path.of("document"), new Value.Struct(document), false));
    write(main, new Mutation.Increment(Path.of("document").field("visits"), 3));
  }

  /// Writes of both nodes to the same keys, one right after the other.
  private static void conflicts(Node one, Node two) {
    for (var name : List.of("main", "second")) {
      for (var node : List.of(one, two)) {
        var space = space(node, name);
        var who = node.status().node().name();
        write(space, TestNode.set("conflict", who));
        write(space, new Mutation.Set(Path.of("all"), new Value.Text(who), ReadRule.ALL));
        write(space, new Mutation.AddElement(Path.of("set"), new Value.Text(who)));
        write(space, new Mutation.Set(Path.of("least"), new Value.Text(who), ReadRule.MIN));
        write(space, new Mutation.AddElement(Path.of("rights"), new Value.Text(who), Bias.REMOVE));
        write(
            space,
            new Mutation.RemoveElement(Path.of("rights"), new Value.Text("read"), Bias.REMOVE));
        write(space, new Mutation.Increment(Path.of("counter"), 1));
      }
    }
  }

  private static Mutation set(String key, Value value) {
    return new Mutation.Set(Path.of(key), value, ReadRule.LATEST);
  }

  private static void write(Space space, Mutation mutation) {
    assertThat(TestNode.write(space, mutation)).isInstanceOf(Outcome.Committed.class);
  }

  private static Space space(Node node, String name) {
    return node.spaces().find(name).orElseThrow();
  }

  private static boolean isSame(Node one, Node two, String name) {
    var status = space(one, name).status();
    return status.token().equals(space(two, name).status().token())
        && status.digest().equals(space(two, name).status().digest());
  }
}

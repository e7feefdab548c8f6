package io.starling.node.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.node.api.wire.WireValues;
import io.starling.node.api.wire.WireViews;
import io.starling.node.client.ClientException;
import io.starling.node.client.NodeClient;
import io.starling.node.identity.IdentityException;
import io.starling.node.local.LocalException;
import io.starling.proto.v1.Query;
import io.starling.proto.v1.ReadRequest;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Places are imported on node 1 while the other two take edits of the same documents; node 3 is
/// cut off for half of it, node 2 is killed in the middle and started again. In the end the three
/// hold the same, and every acknowledged write is there.
///
/// `-Dstarling.places=FILE.ndjson.gz` takes another file than the small copy; `docs/development.md`
/// has the figures of a run over all places.
final class MainJobTest {

  private static final String SPACE = "places";
  private static final String EDITED = "edited on node 3";
  private static final int EDITED_EVERY = 10;
  private static final int READ_AT_ONCE = 50;

  @TempDir private Path directory;

  private Places places;
  private JobCluster cluster;

  @Test
  void threeNodesAgreeInTheEndAndNothingAcknowledgedIsLost()
      throws IOException,
          IdentityException,
          LocalException,
          ClientException,
          InterruptedException,
          MalformedException {
    places = Places.of(Optional.ofNullable(System.getProperty("starling.places")).map(Path::of));
    var keys = places.lines().stream().map(Places::key).toList();
    try (var three = new JobCluster(directory.resolve("data"))) {
      cluster = three;
      cluster.up();
      cluster.run("space", "create", SPACE);
      cluster.awaitAgreement("_system", Duration.ofSeconds(60));
      try (var second = cluster.client(2);
          var third = cluster.client(3)) {
        var tagger = new Editor(second, SPACE, keys, true).start();
        var counter = new Editor(third, SPACE, keys, false).start();
        long began = System.nanoTime();
        importWithTrouble(third);
        var imported = Duration.ofNanos(System.nanoTime() - began);
        tagger.stop();
        counter.stop();
        long healed = System.nanoTime();
        cluster.awaitAgreement(SPACE, Duration.ofMinutes(5));
        report(imported, Duration.ofNanos(System.nanoTime() - healed), tagger, counter);
        assertThat(tagger.retries()).isPositive();
        for (int node = 1; node <= 3; node++) {
          checkEverything(node, tagger, counter);
        }
      }
    }
  }

  private void importWithTrouble(NodeClient third)
      throws IOException, ClientException, InterruptedException {
    importPart(0);
    cluster.cutOffThird();
    for (var line : editedLines()) {
      var name = io.starling.crdt.cell.Path.of(Places.key(line)).field("name");
      var edit = new Mutation.Set(name, new Value.Text(EDITED), ReadRule.LATEST);
      Editor.apply(third, SPACE, edit);
    }
    importPart(1);
    cluster.kill(2);
    importPart(2);
    cluster.up();
    cluster.heal();
    importPart(3);
  }

  // While node 3 is cut off these are imported on node 1: neither knows of the other's name.
  private List<String> editedLines() {
    var apart = IntStream.of(1, 2).mapToObj(places::part).flatMap(List::stream).toList();
    return IntStream.range(0, apart.size())
        .filter(i -> i % EDITED_EVERY == 0)
        .mapToObj(apart::get)
        .toList();
  }

  private void importPart(int part) throws IOException {
    var file = Files.write(directory.resolve("part.ndjson"), places.part(part));
    cluster.run("import", file.toString(), "--space", SPACE, "--key", "id", "--node", "1");
  }

  private void checkEverything(int node, Editor tagger, Editor counter)
      throws IOException, ClientException, MalformedException {
    var edited = new TreeSet<String>();
    editedLines().forEach(line -> edited.add(Places.key(line)));
    try (var client = cluster.client(node)) {
      var lines = places.lines();
      for (int from = 0; from < lines.size(); from += READ_AT_ONCE) {
        var some = lines.subList(from, Math.min(lines.size(), from + READ_AT_ONCE));
        var views = read(client, some);
        for (int i = 0; i < some.size(); i++) {
          var key = Places.key(some.get(i));
          var fields = ((View.Fields) views.get(i)).fields();
          checkPlace(some.get(i), fields, edited.contains(key));
          assertThat(elements(fields.get("tags"))).isEqualTo(tagger.tags().getOrDefault(key, NONE));
          var visits = counter.visits().getOrDefault(key, 0L);
          assertThat(total(fields.get("visits"))).isEqualTo(visits);
        }
      }
    }
  }

  private static final TreeSet<String> NONE = new TreeSet<>();

  private static List<View> read(NodeClient client, List<String> lines)
      throws ClientException, MalformedException {
    var request = ReadRequest.newBuilder().setSpace(SPACE);
    for (var line : lines) {
      var path = WireValues.write(io.starling.crdt.cell.Path.of(Places.key(line)));
      request.addQueries(Query.newBuilder().setPath(path).setElementsMax(10_000));
    }
    var answer = client.read(request.build());
    var views = new java.util.ArrayList<View>();
    for (int i = 0; i < lines.size(); i++) {
      var path = io.starling.crdt.cell.Path.of(Places.key(lines.get(i)));
      views.add(WireViews.read(path, answer.getReadings(i).getView()));
    }
    return views;
  }

  private static void checkPlace(
      String line, java.util.SortedMap<String, View> fields, boolean isEdited) {
    Places.document(line)
        .fields()
        .forEach((name, value) -> {
          var register = (View.Register) fields.get(name);
          var values = register.values().values().stream().map(it -> it.value()).toList();
          if (isEdited && name.equals("name")) {
            assertThat(values).containsExactlyInAnyOrder(value, new Value.Text(EDITED));
          } else {
            assertThat(values).containsExactly(value);
          }
        });
  }

  private static TreeSet<String> elements(View view) {
    var names = new TreeSet<String>();
    if (view instanceof View.Elements(_, var elements, _)) {
      elements.forEach(element -> names.add(((Value.Text) element).value()));
    }
    return names;
  }

  private static long total(View view) {
    return view instanceof View.Counter(long total, _) ? total : 0;
  }

  private void report(Duration imported, Duration agreed, Editor tagger, Editor counter) {
    System.out.printf(
        "main job: %,d places in %.1f s (with %,d edits on node 2, %,d of them tried again, and"
            + " %,d on node 3); equal digests %.1f s after the last write%n",
        places.lines().size(),
        imported.toMillis() / 1e3,
        tagger.edits(),
        tagger.retries(),
        counter.edits(),
        agreed.toMillis() / 1e3);
  }
}

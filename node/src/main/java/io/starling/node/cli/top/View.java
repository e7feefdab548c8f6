package io.starling.node.cli.top;

import io.starling.crdt.value.Value;
import io.starling.node.cli.survey.NodeReport;
import io.starling.node.cli.terminal.Fields;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A cluster as `top` shows it: a sample, and what became of it since the one before.
record View(Instant at, List<Row> rows) {

  /// A node and its spaces.
  record Row(NodeReport node, Optional<ProcessFigures> process, List<SpaceRow> spaces) {}

  static View of(Optional<Sample> before, Sample now, Instant at) {
    var rows = now.entries().stream().map(entry -> row(before, now, entry)).toList();
    return new View(at, rows);
  }

  private static Row row(Optional<Sample> before, Sample now, Sample.Entry entry) {
    var then =
        before.flatMap(sample ->
            sample.entries().stream()
                .map(Sample.Entry::node)
                .filter(it -> it.target().equals(entry.node().target()))
                .findFirst());
    long nanos = before.map(sample -> now.atNanos() - sample.atNanos()).orElse(0L);
    var spaces =
        entry.node().spaces().stream()
            .map(it -> SpaceRow.of(it, SpaceRow.earlier(then, it.getName()), nanos))
            .toList();
    return new Row(entry.node(), entry.process(), spaces);
  }

  List<NodeReport> nodes() {
    return rows.stream().map(Row::node).toList();
  }

  /// One object on one line.
  String json() {
    return new Fields()
        .put("at", at.toString())
        .put("nodes", rows.stream().map(View::json).toList())
        .json();
  }

  private static Value json(Row row) {
    return new Fields()
        .put("name", row.node().name())
        .put("state", row.node().state())
        .put("grpc", row.node().grpc())
        .put("cpu", row.process().flatMap(ProcessFigures::cpu))
        .put("memoryBytes", row.process().flatMap(ProcessFigures::memoryBytes))
        .put("spaces", row.spaces().stream().map(View::json).toList())
        .struct();
  }

  private static Value json(SpaceRow space) {
    var fields = new Fields();
    space.catchingUp().ifPresent(it -> fields.put("catchingUp", it.json()));
    return fields
        .put("name", space.name())
        .put("batchesPerSecond", space.rate())
        .put("lag", space.lag())
        .put("waiting", space.waiting())
        .put("cells", space.cells())
        .put("digest", space.digest())
        .put("peersUp", space.peers().up())
        .put("peers", space.peers().all())
        .put("running", space.isRunning())
        .struct();
  }
}

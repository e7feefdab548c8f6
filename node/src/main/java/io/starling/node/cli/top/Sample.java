package io.starling.node.cli.top;

import io.starling.node.cli.survey.NodeHttp;
import io.starling.node.cli.survey.NodeReport;
import io.starling.node.cli.survey.Survey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/// What all nodes said at one moment.
///
/// @param atNanos when, by the clock that only runs forward
record Sample(long atNanos, List<Entry> entries) {

  /// @param process what it uses of its machine; empty if it does not tell
  record Entry(NodeReport node, Optional<ProcessFigures> process) {}

  static Sample take(Survey survey) throws IOException, InterruptedException {
    var reports = survey.ask();
    long at = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked = reports.stream().map(node -> threads.submit(() -> entry(node))).toList();
      var entries = new ArrayList<Entry>();
      for (var entry : asked) {
        entries.add(entry.get());
      }
      return new Sample(at, entries);
    } catch (ExecutionException failed) {
      throw new IOException(failed.getCause());
    }
  }

  private static Entry entry(NodeReport node) throws InterruptedException {
    var metrics =
        node.answer().isPresent() ? NodeHttp.get(node, "/metrics") : Optional.<String>empty();
    return new Entry(node, metrics.map(ProcessFigures::of));
  }
}

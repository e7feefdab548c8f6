package io.starling.node.cli.top;

import java.util.Optional;

/// What a node's process uses.
///
/// @param cpu 1 is one processor all the time; empty if it was not measured yet
/// @param memoryBytes heap and other memory of the JVM; RocksDB's comes on top
record ProcessFigures(Optional<Double> cpu, Optional<Double> memoryBytes) {

  private static final String MEMORY = "jvm_memory_used_bytes";

  /// Reads what the node's meters say, in Prometheus' text format.
  static ProcessFigures of(String metrics) {
    var usage = sum(metrics, "process_cpu_usage");
    var processors = sum(metrics, "system_cpu_count");
    return new ProcessFigures(
        usage.flatMap(share -> processors.map(count -> share * count)).filter(it -> it >= 0),
        sum(metrics, MEMORY));
  }

  private static Optional<Double> sum(String metrics, String name) {
    var values =
        metrics
            .lines()
            .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
            .map(line -> line.substring(line.lastIndexOf(' ') + 1))
            .filter(text -> text.matches("-?[0-9]+([.][0-9]+)?(E-?[0-9]+)?"))
            .map(Double::valueOf)
            .toList();
    return values.isEmpty()
        ? Optional.empty()
        : Optional.of(values.stream().mapToDouble(Double::doubleValue).sum());
  }
}

package io.starling.node.cli;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.TimeText;
import io.starling.simulation.Plan;
import io.starling.simulation.lab.Healing;
import io.starling.simulation.lab.Lab;
import io.starling.simulation.lab.LabResult;
import io.starling.simulation.scenario.Scenario;
import io.starling.simulation.script.Regions;
import io.starling.simulation.script.Script;
import io.starling.simulation.script.ScriptText;
import io.starling.simulation.script.Step;
import io.starling.simulation.workload.WorkloadKind;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/// Options of `simulate` by which it shows what a partition costs, rather than looking for faults.
final class LabOptions {

  private static final long FILE_BYTES_MAX = 1 << 20;

  @Option(
      names = "--regions",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "spreads the nodes over so many regions: eu, us, ap, sa, af, me, oc, ca (default: ${DEFAULT-VALUE})")
  private int regions;

  @Option(
      names = "--sites",
      paramLabel = "SITES",
      description =
          "the shape of a cluster, with names of its own, as \"berlin: n1,n2 | oslo: n3\", in place of --regions; says how many nodes there are")
  private Optional<String> sites = Optional.empty();

  @Option(
      names = "--delay",
      paramLabel = "TIME",
      defaultValue = "40ms",
      converter = TimeText.class,
      description = "how long a message takes to another region (default: ${DEFAULT-VALUE})")
  private Duration delay = Duration.ZERO;

  @Option(
      names = "--partition",
      paramLabel = "SPAN: SIDES",
      description = "who cannot reach whom, and when, as \"10s..40s: eu | us,ap\"; may be repeated")
  private List<String> partitions = new ArrayList<>();

  @Option(
      names = "--step",
      paramLabel = "STEP",
      description =
          "something that happens, as \"15s..18s: stop us-1\"; may be repeated (docs/simulation.md has them all)")
  private List<String> steps = new ArrayList<>();

  @Option(
      names = "--workload",
      paramLabel = "NAME",
      defaultValue = "mixed",
      description =
          "what clients are about: mixed, shop, or none but what steps say (default: ${DEFAULT-VALUE})")
  private String workload = "";

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "writes what was seen there as a page, or as JSON if its name ends so")
  private Optional<Path> report = Optional.empty();

  /// Whether anything was asked that the lab shows.
  boolean isAsked(Script script) {
    return report.isPresent() || !script.isNone();
  }

  /// @throws IllegalArgumentException if there is none of that name
  WorkloadKind workload() {
    return WorkloadKind.find(workload)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no workload '"
                    + workload
                    + "'; there are "
                    + Arrays.stream(WorkloadKind.values())
                        .map(WorkloadKind::label)
                        .collect(Collectors.joining(", "))));
  }

  /// All steps that were given.
  ///
  /// @param hasNodes whether the number of nodes was given
  /// @throws IllegalArgumentException if they cannot be read; the message says why
  Script script(int nodes, boolean hasNodes, Optional<String> file) throws CommandFailure {
    var places = places(nodes, hasNodes);
    var text = new ScriptText(places);
    var all = new ArrayList<Step>();
    if (file.isPresent()) {
      all.addAll(text.parse(read(Path.of(file.get()))));
    }
    for (var partition : partitions) {
      all.add(text.partition(partition));
    }
    for (var step : steps) {
      all.add(text.step(step));
    }
    return new Script(places, delay, all);
  }

  private Regions places(int nodes, boolean hasNodes) {
    if (sites.isPresent()) {
      if (hasNodes) {
        throw new IllegalArgumentException(
            "--sites says how many nodes there are; leave out --nodes");
      }
      if (regions != 1) {
        throw new IllegalArgumentException("either --sites or --regions");
      }
      return Regions.read(sites.get());
    }
    if (nodes < 1 || nodes > Plan.NODES_MAX) {
      throw new IllegalArgumentException("1 to " + Plan.NODES_MAX + " nodes, not " + nodes);
    }
    return Regions.of(nodes, regions);
  }

  private static String read(Path file) throws CommandFailure {
    if (!Files.isRegularFile(file)) {
      throw CommandFailure.usage("there is no scenario file " + file);
    }
    try {
      if (Files.size(file) > FILE_BYTES_MAX) {
        throw CommandFailure.usage("a scenario has at most 1 MiB: " + file);
      }
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw CommandFailure.usage(
          "cannot read the scenario " + file + ": " + unreadable.getMessage());
    }
  }

  /// Runs it, and tells what was seen.
  int run(Plan plan, boolean isSweep, Consumer<String> trace, boolean isJson, PrintWriter out)
      throws CommandFailure {
    if (plan.scenario() != Scenario.CALM) {
      throw CommandFailure.usage(
          "--report shows what steps do, and goes with the scenario calm only, not with "
              + plan.scenario().label());
    }
    if (isSweep) {
      throw CommandFailure.usage(
          "--sweep and --minutes go without --regions, --sites, --partition, --step and --report");
    }
    if (report.isPresent()) {
      requireWritable(report.get());
    }
    var result = Lab.run(plan, trace);
    if (report.isPresent()) {
      write(report.get(), result);
    }
    if (isJson) {
      out.println(result.json());
    } else {
      tell(result, out);
    }
    return result.report().isOk() ? ExitCode.DONE : ExitCode.REFUSED;
  }

  /// Before the run, which takes long.
  private static void requireWritable(Path file) throws CommandFailure {
    var parent = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      throw CommandFailure.usage("the report needs a file; " + file + " is a directory");
    }
    if (parent == null || !Files.isDirectory(parent)) {
      throw CommandFailure.usage("there is no directory for the report " + file);
    }
  }

  private static void write(Path file, LabResult result) throws CommandFailure {
    boolean isJson = String.valueOf(file.getFileName()).endsWith(".json");
    try {
      Files.writeString(file, isJson ? result.json() + "\n" : result.html());
    } catch (IOException failed) {
      throw CommandFailure.usage("cannot write the report " + file + ": " + failed.getMessage());
    }
  }

  private void tell(LabResult result, PrintWriter out) {
    for (var healing : result.healings()) {
      out.println(healing.step());
      for (var side : healing.sides()) {
        out.println(
            "  "
                + String.join(", ", side.nodes())
                + ": "
                + side.written()
                + " writes acknowledged meanwhile, "
                + side.lacked()
                + " batches lacked in the end");
      }
      out.println("  " + converged(healing));
      out.println("  changed on several sides: " + healing.conflictsAll() + " keys");
    }
    out.println(
        result.report().isOk()
            ? "all nodes are the same; every check held"
            : "FAILED " + result.report().failure().orElse(""));
    if (!result.report().isOk()) {
      out.println("reproduce: " + result.report().plan().command());
    }
    out.println("trace hash: " + result.report().traceHash());
    report.ifPresent(file -> out.println("report: " + file));
  }

  private static String converged(Healing healing) {
    return healing.convergedMillis().isPresent()
        ? "all had everything " + healing.convergedMillis().getAsLong() + " ms after its end"
        : "not all had everything when the run ended";
  }
}

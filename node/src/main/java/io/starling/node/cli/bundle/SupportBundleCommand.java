package io.starling.node.cli.bundle;

import io.starling.crdt.value.Value;
import io.starling.node.cli.context.ClusterOptions;
import io.starling.node.cli.doctor.DoctorCommand;
import io.starling.node.cli.doctor.Examination;
import io.starling.node.cli.doctor.HostFacts;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.outcome.ProgramVersion;
import io.starling.node.cli.survey.NodeHttp;
import io.starling.node.cli.survey.NodeReport;
import io.starling.node.cli.survey.StatusText;
import io.starling.node.cli.survey.Survey;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.Progress;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `support-bundle`.
@Command(
    name = "support-bundle",
    description = {
      "Collects what someone who helps needs to know, in one zip file.",
      "Versions, configuration, status, meters, the end of the log, sizes of files, what the doctor",
      "says. Tokens, keys, certificates and stored values are left out; look before you send it."
    })
public final class SupportBundleCommand implements Callable<Integer> {

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      description = "where to write it (default: starling-support-TIME.zip)")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--json",
      description = "prints {\"file\", \"bytes\", \"entries\":[{\"name\", \"bytes\"}]}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, CommandFailure, LocalException, InterruptedException {
    var now = Instant.now();
    var file = out.orElse(Path.of("starling-support-" + STAMP.format(now) + ".zip"));
    if (Files.exists(file)) {
      throw CommandFailure.refused(file + " is there already; name another by --out");
    }
    var archive = new Archive();
    try (var progress = Progress.of(spec)) {
      collect(archive, now, progress);
    }
    long bytes = archive.write(file);
    tell(archive, file.toAbsolutePath(), bytes);
    return ExitCode.DONE;
  }

  private void collect(Archive archive, Instant now, Progress progress)
      throws IOException, CommandFailure, LocalException, InterruptedException {
    var targets = cluster.targets();
    archive.add("host.json", host(now));
    progress.at("asking the nodes");
    List<NodeReport> nodes;
    try (var survey = new Survey(targets)) {
      nodes = survey.ask();
    }
    archive.add("status.json", StatusText.json(nodes));
    for (var node : nodes) {
      progress.at("collecting from " + node.name());
      node(archive, node);
    }
    var examination = new Examination(progress::at, now);
    examination.add(cluster);
    archive.add("doctor.json", DoctorCommand.json(examination.run()));
  }

  private static void node(Archive archive, NodeReport node)
      throws IOException, InterruptedException {
    var at = "nodes/" + node.target().name().replaceAll("[^A-Za-z0-9._-]", "_");
    if (node.answer().isPresent()) {
      NodeHttp.get(node, "/api/v1/status").ifPresent(it -> archive.add(at + "/status.json", it));
      NodeHttp.get(node, "/metrics").ifPresent(it -> archive.add(at + "/metrics.txt", it));
    } else {
      archive.add(at + "/silent.txt", node.failure() + "\n");
    }
    if (node.target().local().isPresent()) {
      var local = node.target().local().get();
      NodeFiles.collect(archive, at, local.config(), local.directory(), local.log());
    }
  }

  // Of the environment only the names: what they say may be secret.
  private static String host(Instant now) throws IOException, InterruptedException {
    var variables =
        System.getenv().keySet().stream()
            .filter(name -> name.startsWith("STARLING_"))
            .sorted()
            .toList();
    return new Fields()
        .put("at", now.toString())
        .put("version", ProgramVersion.text())
        .put("java", System.getProperty("java.runtime.version", ""))
        .put("vm", System.getProperty("java.vm.name", ""))
        .put("os", System.getProperty("os.name", "") + " " + System.getProperty("os.version", ""))
        .put("arch", System.getProperty("os.arch", ""))
        .put("host", HostFacts.read().json())
        .putTexts("variables", variables)
        .json();
  }

  private void tell(Archive archive, Path file, long bytes) {
    var print = spec.commandLine().getOut();
    if (isJson) {
      var entries = new ArrayList<Value>();
      archive
          .contents()
          .forEach((name, size) ->
              entries.add(new Fields().put("name", name).put("bytes", size).struct()));
      var object = new Fields().put("file", file.toString()).put("bytes", bytes);
      print.println(object.put("entries", entries).json());
      return;
    }
    print.println(String.format(Locale.ROOT, "%s, %,d bytes; in it:", file, bytes));
    archive
        .contents()
        .forEach(
            (name, size) -> print.println(String.format(Locale.ROOT, "%,12d  %s", size, name)));
    print.println("tokens, keys, certificates and stored values were left out");
  }
}

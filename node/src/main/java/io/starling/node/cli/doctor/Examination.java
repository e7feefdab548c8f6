package io.starling.node.cli.doctor;

import io.starling.node.cli.context.ClusterOptions;
import io.starling.node.cli.context.Target;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ProgramVersion;
import io.starling.node.cli.survey.NodeReport;
import io.starling.node.cli.survey.Survey;
import io.starling.node.config.ConfigException;
import io.starling.node.config.NodeConfig;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// All checks of the nodes that a command is about, one after the other.
public final class Examination {

  private final Consumer<String> progress;
  private final List<Finding> findings = new ArrayList<>();
  private final List<Installation> installations = new ArrayList<>();
  private final List<Target> targets = new ArrayList<>();
  private final Instant now;

  /// @param progress is told what is looked at
  public Examination(Consumer<String> progress, Instant now) {
    this.progress = progress;
    this.now = now;
  }

  /// Takes on the nodes of a cluster.
  public void add(ClusterOptions cluster) throws IOException, CommandFailure, LocalException {
    for (var target : cluster.targets()) {
      targets.add(target);
      if (target.local().isPresent()) {
        install(target.local().get().config(), Map.of(), Optional.of(target));
      }
    }
  }

  /// Takes on the node whose configuration is in a file, running or not.
  public void add(Path file, Map<String, String> environment) {
    install(file, environment, Optional.empty());
  }

  private void install(Path file, Map<String, String> environment, Optional<Target> known) {
    try {
      var config = NodeConfig.read(file, environment);
      var target = known.orElseGet(() -> target(config));
      var name = known.map(Target::name).or(config::name).orElse(config.directory().toString());
      installations.add(new Installation(name, file, config, target));
      if (known.isEmpty()) {
        targets.add(target);
      }
      findings.add(Finding.ok("config", name, file + " can be used"));
    } catch (ConfigException wrong) {
      findings.add(
          Finding.fail(
              "config",
              known.map(Target::name).orElse(file.toString()),
              String.valueOf(wrong.getMessage()),
              "correct " + file + "; docs/configuration.md has every setting"));
    }
  }

  /// Looks at everything.
  public List<Finding> run() throws IOException, InterruptedException {
    progress.accept("looking at this machine");
    var all = new ArrayList<>(HostChecks.of(HostFacts.read()));
    all.addAll(findings);
    progress.accept("asking the nodes");
    List<NodeReport> reports;
    try (var survey = new Survey(targets)) {
      reports = survey.ask();
    }
    for (var node : installations) {
      progress.accept("looking at " + node.name());
      all.addAll(inspect(node, report(reports, node.target())));
    }
    all.addAll(ClusterChecks.of(expected(reports), ProgramVersion.text()));
    for (var node : reports) {
      progress.accept("comparing clocks with " + node.name());
      if (node.answer().isPresent()) {
        ClockChecks.ask(node).ifPresent(offset -> all.add(ClockChecks.of(node.name(), offset)));
      }
      if (node.target().local().isEmpty() && installations.isEmpty()) {
        CertificateChecks.served(node.target().endpoint(), now).ifPresent(all::add);
      }
    }
    return all;
  }

  // A node that was named by its configuration may well be stopped: that is no finding.
  private List<NodeReport> expected(List<NodeReport> reports) {
    return reports.stream().filter(node -> !isStopped(node)).toList();
  }

  private boolean isStopped(NodeReport node) {
    return node.answer().isEmpty()
        && !node.isRefusal()
        && node.target().local().isEmpty()
        && installations.stream().anyMatch(it -> it.target().equals(node.target()));
  }

  private static Optional<NodeReport> report(List<NodeReport> reports, Target target) {
    return reports.stream().filter(it -> it.target().equals(target)).findFirst();
  }

  private List<Finding> inspect(Installation node, Optional<NodeReport> report) throws IOException {
    var found = new ArrayList<Finding>();
    var directory = node.config().directory();
    if (!Files.isDirectory(directory)) {
      return List.of(
          Finding.fail(
              "directory",
              node.name(),
              directory + " does not exist",
              "let the node join, which makes it, or correct 'directory'"));
    }
    found.addAll(
        DiskChecks.of(
            node.name(), DiskFacts.read(directory), node.config().sizes().freeMegabytes()));
    var certificates = CertificateChecks.of(node, now);
    found.addAll(certificates.findings());
    boolean isRunning =
        report.filter(it -> it.answer().isPresent() || it.process().isPresent()).isPresent();
    found.addAll(PortChecks.of(node, isRunning));
    if (certificates.identity().isPresent()) {
      found.addAll(PeerChecks.of(node, certificates.identity().get()));
    }
    return found;
  }

  // Where a node serves its clients, by its configuration.
  private static Target target(NodeConfig config) {
    InetSocketAddress grpc = config.listen().grpc();
    boolean isEverywhere = grpc.getAddress().isAnyLocalAddress();
    var host = isEverywhere ? "127.0.0.1" : grpc.getAddress().getHostAddress();
    return Target.of(host, grpc.getPort(), config.directory(), config.tls().grpc());
  }
}

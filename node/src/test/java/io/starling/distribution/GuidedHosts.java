package io.starling.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Three hosts, installed from the archive by the commands of docs/operations.md as they stand
/// there, up to a host's upgrade; and a fourth that has the archive's files alone. Made once for
/// all classes that ask for them, which leave a cluster of the three.
///
/// Each host has its own file system, users, processes, name and address. In place of systemd and
/// scp stand two scripts, among this class's resources; all else is the real thing.
final class GuidedHosts implements AutoCloseable {

  static final List<String> NAMES = List.of("alpha", "beta", "gamma");
  static final String FOURTH = "delta";
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /// The sections that lead to a cluster of three.
  static final List<String> SET_UP =
      List.of(
          "Before hosts of their own",
          "Install",
          "Found the cluster",
          "Start",
          "The service",
          "Firewall",
          "Upgrade");

  private final Path directory;
  private final HostNetwork network;
  private final Guide guide;
  private final List<Host.Result> setUp = new ArrayList<>();

  private GuidedHosts(Path directory, HostNetwork network, Guide guide) {
    this.directory = directory;
    this.network = network;
    this.guide = guide;
  }

  /// Gives a test class the hosts.
  static final class Provider implements ParameterResolver {

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType().equals(GuidedHosts.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(Namespace.create(GuidedHosts.class))
          .getOrComputeIfAbsent(GuidedHosts.class, _ -> made(), GuidedHosts.class);
    }

    private static GuidedHosts made() {
      try {
        return GuidedHosts.make();
      } catch (Exception broken) {
        throw new AssertionError("no hosts", broken);
      }
    }
  }

  private static GuidedHosts make() throws Exception {
    var archive = Path.of(System.getProperty("starling.archive", "none"));
    assertThat(archive).as("made by: mvn -Pdist package").isRegularFile();
    var all = Stream.concat(NAMES.stream(), Stream.of(FOURTH)).toList();
    var guide = Guide.read(Path.of("..", "docs", "operations.md"), NAMES, all);
    var standIns = Path.of("src/test/resources/io/starling/distribution").toAbsolutePath();
    var directory = Files.createTempDirectory("starling-hosts").toRealPath();
    var hosts =
        new GuidedHosts(directory, HostNetwork.of(all, directory, archive, standIns), guide);
    try {
      for (var section : SET_UP) {
        for (var step : guide.of(section)) {
          hosts.setUp.addAll(hosts.follow(step, step.hosts()));
        }
      }
      hosts.follow(guide.of(SET_UP.get(0)).getFirst(), List.of(FOURTH));
      hosts.follow(guide.of(SET_UP.get(1)).getFirst(), List.of(FOURTH));
      return hosts;
    } catch (Exception | Error broken) {
      hosts.close();
      throw broken;
    }
  }

  Guide guide() {
    return guide;
  }

  HostNetwork network() {
    return network;
  }

  /// What the steps that lead here left behind.
  List<Host.Result> setUp() {
    return List.copyOf(setUp);
  }

  /// Runs a script on a host, which has to succeed.
  String run(String host, String script) throws IOException, InterruptedException {
    return network.host(host).run(script).orFail();
  }

  /// What all hosts share as `/exchange`.
  Path exchange() {
    return directory.resolve("shared");
  }

  /// The steps of a section, one after another.
  Chapter chapter(String section) {
    return new Chapter(section, guide.of(section).iterator());
  }

  final class Chapter {

    private final String section;
    private final Iterator<Guide.Step> steps;

    private Chapter(String section, Iterator<Guide.Step> steps) {
      this.section = section;
      this.steps = steps;
    }

    /// Follows the next step on its hosts.
    ///
    /// @return what was said, of all hosts
    String next() throws Exception {
      var step = steps.next();
      return follow(step, step.hosts()).stream()
          .map(Host.Result::out)
          .collect(Collectors.joining("\n"));
    }

    /// That there is no step that was not followed.
    void ends() {
      if (steps.hasNext()) {
        throw new AssertionError("not followed in " + section + ": " + steps.next().script());
      }
    }
  }

  // Hosts do the same at the same time, as under any tool that installs several.
  private List<Host.Result> follow(Guide.Step step, List<String> names) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var results = new ArrayList<Future<Host.Result>>();
      for (var name : names) {
        results.add(threads.submit(() -> follow(step, network.host(name))));
      }
      var all = new ArrayList<Host.Result>();
      for (var result : results) {
        var done = result.get();
        done.orFail();
        all.add(done);
      }
      return all;
    }
  }

  private static Host.Result follow(Guide.Step step, Host host) throws Exception {
    if (!step.isRepeated()) {
      return host.run(step.script());
    }
    try {
      return await()
          .pollInterval(Duration.ofMillis(500))
          .atMost(PATIENCE)
          .until(() -> host.run(step.script()), it -> it.exit() == 0);
    } catch (ConditionTimeoutException late) {
      throw new AssertionError(
          host.run(step.script()).out() + host.run("cat /var/log/starling.journal").out(), late);
    }
  }

  @Override
  public void close() throws Exception {
    network.close();
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}

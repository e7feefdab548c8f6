package io.starling.faults;

import io.starling.client.Place;
import io.starling.client.StarlingClient;
import io.starling.faults.history.Call;
import io.starling.faults.history.Checks;
import io.starling.faults.history.History;
import io.starling.faults.history.History.Absence;
import io.starling.faults.history.Operation.Read;
import io.starling.node.access.TokenFile;
import io.starling.node.config.NodeConfig;
import io.starling.node.identity.ClusterInit;
import io.starling.node.identity.Invitation;
import io.starling.node.identity.JoinRequest;
import io.starling.node.storage.rocksdb.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A process of its own for [RealFaultsTest], in namespaces of its own: makes a cluster, has things
/// go wrong as a seed has it while clients work, ends all that, and judges.
///
/// As in the simulator there are two phases. **Safety**: clients work while faults come and go.
/// **Liveness**: all faults have ended; what is in doubt is asked again, and within a bound all
/// nodes must be at the same, with nothing waiting.
final class FaultRun implements AutoCloseable {

  private static final int ROAMING = 3;
  private static final int PINNED_EACH = 2;
  private static final int DISK_MEGABYTES = 256;

  /// Until a node takes writes, started or with room on its disk again.
  private static final Duration SERVICE_PATIENCE = Duration.ofSeconds(120);

  /// Until all are at the same. A connection over which nothing came for some seconds is tried
  /// again by its system after as long; one that nobody noticed to be gone is found by echoes.
  private static final Duration CONVERGENCE_PATIENCE = Duration.ofSeconds(60);

  private static final long LOOK_MILLIS = 100;

  private final int nodes;
  private final long millis;
  private final Plan plan;
  private final Path directory;
  private final Path report;
  private final Wires wires;
  private final List<Member> members = new ArrayList<>();
  private final List<StarlingClient> patient = new ArrayList<>();
  private final List<StarlingClient> hurried = new ArrayList<>();
  private final List<Worker> unanswered = new ArrayList<>();
  private final Recorder recorder;
  private final Objects objects = new Objects();
  private final Map<FaultKind, Integer> struck = new EnumMap<>(FaultKind.class);

  private FaultRun(long seed, int nodes, long millis, Path directory, Path report)
      throws Exception {
    this.nodes = nodes;
    this.millis = millis;
    this.plan = Plan.draw(seed, nodes, millis);
    this.directory = directory;
    this.report = report;
    this.recorder = new Recorder(report.resolve("history.ndjson"));
    this.wires = Wires.lay(nodes);
  }

  /// Seed, nodes, milliseconds, a directory to work in, and one for what is to be read later.
  public static void main(String[] arguments) throws Exception {
    boolean isClean = false;
    try (var run =
        new FaultRun(
            Long.parseLong(arguments[0]),
            Integer.parseInt(arguments[1]),
            Long.parseLong(arguments[2]),
            Path.of(arguments[3]),
            Path.of(arguments[4]))) {
      run.say(run.plan.toString());
      isClean = run.judged();
    } catch (Throwable broken) {
      broken.printStackTrace(System.out);
    } finally {
      // Whatever still runs ends with it, also for want of memory.
      System.exit(isClean ? 0 : 1);
    }
  }

  private void say(String line) {
    System.out.println("%6d ms  %s".formatted(recorder.millis(), line));
  }

  private boolean judged() throws Exception {
    var overseer = new Overseer(members);
    return judge(history(overseer), overseer);
  }

  private History history(Overseer overseer) throws Exception {
    build();
    for (var member : members) {
      member.start();
    }
    for (var member : members) {
      member.awaitService(SERVICE_PATIENCE);
    }
    say("agree after " + agreement(overseer).toMillis() + " ms");
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      var watching = threads.submit(overseer);
      var workers = workers();
      for (int node = 0; node < nodes; node++) {
        unanswered.add(worker("unanswered-" + node, hurried, node, false));
      }
      var working = workers.stream().map(threads::submit).toList();
      haveFaults(threads);
      workers.forEach(Worker::stop);
      for (var work : working) {
        work.get();
      }
      int inDoubt =
          Stream.concat(workers.stream(), unanswered.stream()).mapToInt(Worker::resolve).sum();
      say(
          "all faults have ended; "
              + inDoubt
              + " writes in doubt, "
              + recorder.repeats()
              + " answered again");
      say("agree after " + agreement(overseer).toMillis() + " ms");
      overseer.stop();
      watching.get();
      overseer.lookLast();
      say("agree still, after " + agreement(overseer).toMillis() + " ms");
    } finally {
      threads.shutdownNow();
    }
    return recorder.history(last());
  }

  // --- The cluster

  private void build() throws Exception {
    var authority = directory.resolve("authority");
    ClusterInit.create(authority, "faults");
    var token = "";
    var disks = new ArrayList<SmallDisk>();
    for (int node = 0; node < nodes; node++) {
      var home = Files.createDirectory(directory.resolve(Wires.name(node)));
      disks.add(SmallDisk.mount(home, DISK_MEGABYTES).orElseThrow());
      var identity = home.resolve("identity");
      var request =
          JoinRequest.create(identity, Wires.name(node), "here", List.of(Wires.address(node)));
      var invitation = directory.resolve(Wires.name(node) + ".invitation");
      Invitation.issue(authority, request, List.of()).writeTo(invitation);
      Invitation.accept(identity, invitation);
      Files.writeString(home.resolve(NodeConfig.FILE), Member.configuration(node, nodes));
      if (node == 0) {
        token = TokenFile.create(home).text();
      }
    }
    for (int node = 0; node < nodes; node++) {
      patient.add(client(node, token, Duration.ofSeconds(2), Duration.ofSeconds(15)));
      hurried.add(client(node, token, Duration.ofSeconds(2), Duration.ofSeconds(3)));
      var overseeing = client(node, token, Duration.ofSeconds(2), Duration.ofSeconds(2));
      members.add(
          new Member(
              node,
              directory.resolve(Wires.name(node)),
              disks.get(node),
              report.resolve(Wires.name(node) + ".log"),
              overseeing));
    }
  }

  private StarlingClient client(int node, String token, Duration attempt, Duration patience)
      throws IOException {
    return StarlingClient.builder()
        .authority(directory.resolve("node-1/identity/authority.pem"))
        .token(token)
        .nodes(Wires.address(node) + ":" + Member.CLIENT_PORT)
        .attempt(attempt)
        .patience(patience)
        .build();
  }

  private List<Worker> workers() {
    var workers = new ArrayList<Worker>();
    for (int i = 0; i < ROAMING + nodes * PINNED_EACH; i++) {
      boolean isRoaming = i < ROAMING;
      workers.add(
          isRoaming
              ? worker("roaming-" + i, hurried, i % nodes, true)
              : worker("staying-" + i, patient, i % nodes, false));
    }
    return workers;
  }

  private Worker worker(String name, List<StarlingClient> clients, int node, boolean isRoaming) {
    var random = new Random(31 * plan.seed() + name.hashCode());
    return new Worker(name, clients, node, isRoaming, objects, recorder, random);
  }

  // --- Faults

  private void haveFaults(ExecutorService threads) throws Exception {
    long begin = recorder.millis();
    var lanes = new ArrayList<Future<?>>();
    lanes.add(
        threads.submit(() -> {
          for (var fault : plan.network()) {
            await(begin + fault.fromMillis());
            say("begins: " + fault);
            wires.begin(fault);
            TimeUnit.MILLISECONDS.sleep(fault.forMillis());
            awaitStrike();
            ended(fault, wires.heal() > 0);
          }
          return null;
        }));
    lanes.add(
        threads.submit(() -> {
          for (var fault : plan.processes()) {
            await(begin + fault.fromMillis());
            say("begins: " + fault);
            ended(fault, befall(members.get(fault.node()), fault, threads));
          }
          return null;
        }));
    for (var lane : lanes) {
      lane.get();
    }
    await(begin + millis);
  }

  // Over a link to a node that is just starting nothing goes.
  private void awaitStrike() throws IOException, InterruptedException {
    long until = recorder.millis() + SERVICE_PATIENCE.toMillis();
    while (!wires.hasStruck() && recorder.millis() < until) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  private void await(long millis) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(Math.max(0, millis - recorder.millis()));
  }

  /// @param hasStruck whether it was felt, and not only done
  private void ended(Fault fault, boolean hasStruck) {
    say("ended: " + fault.kind() + (hasStruck ? "" : ", unnoticed"));
    if (hasStruck) {
      synchronized (struck) {
        struck.merge(fault.kind(), 1, Integer::sum);
      }
    }
  }

  /// Has it happen, and waits until the node serves again.
  ///
  /// @return whether it was felt
  private boolean befall(Member member, Fault fault, ExecutorService threads) throws Exception {
    long from = recorder.millis();
    try {
      boolean hasStruck = strike(member, fault, threads);
      var served = member.awaitService(SERVICE_PATIENCE);
      say(member.name() + " serves again after " + served.toMillis() + " ms");
      return hasStruck;
    } finally {
      recorder.add(new Absence(member.name(), fault.kind().toString(), from, recorder.millis()));
    }
  }

  private boolean strike(Member member, Fault fault, ExecutorService threads) throws Exception {
    return switch (fault.kind()) {
      case PAUSE -> {
        member.pause();
        TimeUnit.MILLISECONDS.sleep(fault.forMillis());
        boolean hasPaused = member.isPaused();
        member.goOn();
        yield hasPaused;
      }
      case KILL -> {
        boolean wasKilled = member.kill();
        TimeUnit.MILLISECONDS.sleep(fault.forMillis());
        member.start();
        yield wasKilled;
      }
      case RESTART -> {
        boolean hasStopped = member.stop(SERVICE_PATIENCE);
        member.start();
        yield hasStopped;
      }
      case DISK_FULL -> {
        member.disk().fillBut((long) fault.amount() << 20);
        long until = recorder.millis() + fault.forMillis();
        boolean wasFull = member.awaitShortOfDisk(SERVICE_PATIENCE);
        await(until);
        member.disk().empty();
        yield wasFull;
      }
      case ANSWERS_LOST -> {
        // One that is certain to be made, without an answer as long as this lasts: so once all is
        // healed, a node is asked for what it has made.
        var worker = unanswered.get(fault.node());
        worker.greet();
        Wires.silence(fault.node());
        var writing = threads.submit(worker::writeBlindly);
        TimeUnit.MILLISECONDS.sleep(fault.forMillis());
        writing.get();
        yield Wires.unsilence() > 0;
      }
      case HALVES, ISOLATION, ONE_WAY, BRIDGE, LOSS, LATENCY ->
          throw new IllegalArgumentException("nothing of a process: " + fault);
    };
  }

  // --- The end

  private Duration agreement(Overseer overseer) throws InterruptedException {
    long begin = System.nanoTime();
    for (var left = overseer.differences(); !left.isEmpty(); left = overseer.differences()) {
      var waited = Duration.ofNanos(System.nanoTime() - begin);
      if (waited.compareTo(CONVERGENCE_PATIENCE) > 0) {
        throw new AssertionError("I11 after " + waited + ": " + left);
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private List<Read> last() {
    var last = new ArrayList<Read>();
    for (int node = 0; node < nodes; node++) {
      var session = patient.get(node).session("main");
      for (var object : objects.all()) {
        long from = recorder.millis();
        var cut = Views.cut(session.view(Place.at(object)));
        var call = new Call("last", Wires.name(node), false, from, recorder.millis());
        last.add(new Read(call, object, Optional.of(cut), ""));
      }
    }
    return last;
  }

  private boolean judge(History history, Overseer overseer) {
    var verdict = Checks.of(history);
    overseer.judge(verdict, plan.processes().size());
    verdict.require(
        "a write was asked for that was made",
        recorder.repeats() > 0,
        () -> "nobody was told so: that each counts once was not tried");
    var missing = EnumSet.allOf(FaultKind.class);
    missing.removeAll(struck.keySet());
    verdict.require("every kind of fault was felt", missing.isEmpty(), () -> "not " + missing);
    say("faults " + struck + "\n" + verdict);
    return verdict.isClean();
  }

  @Override
  public void close() throws Exception {
    try (recorder;
        wires) {
      for (var client : Stream.concat(patient.stream(), hurried.stream()).toList()) {
        client.close();
      }
      for (var member : members) {
        member.close();
      }
    }
  }
}

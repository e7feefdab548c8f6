package io.starling.node.bench.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.hosting.HostParts;
import io.starling.node.hosting.HostedSpaces;
import io.starling.node.identity.PeerAddress;
import io.starling.node.loop.LoopObserver;
import io.starling.node.loop.QueueLimits;
import io.starling.node.member.Member;
import io.starling.node.peer.PeerLinks;
import io.starling.node.peer.SpaceInbox;
import io.starling.node.space.Space;
import io.starling.node.status.ActivityRing;
import io.starling.node.status.AlarmBook;
import io.starling.node.storage.NodeStore;
import io.starling.node.storage.StoreUnusableException;
import io.starling.node.storage.rocksdb.RocksStore;
import io.starling.node.transport.FrameKind;
import io.starling.node.transport.PeerTraffic;
import io.starling.node.transport.PeerTransport;
import io.starling.replica.Effect;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.replica.request.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// A member without the APIs for clients. It can be stopped and started again over its store.
final class BenchNode implements AutoCloseable {

  private static final RocksStore.Options OPTIONS = new RocksStore.Options(64L << 20, 0);

  private final BenchCluster.Keys keys;
  private final NodeStore store;
  private final AlarmBook alarms = new AlarmBook();
  private Optional<Parts> running = Optional.empty();

  private record Parts(PeerTransport transport, HostedSpaces spaces) {}

  BenchNode(BenchCluster.Keys keys, Path directory) throws StoreUnusableException {
    this.keys = keys;
    this.store = open(keys, directory);
  }

  static NodeStore open(BenchCluster.Keys keys, Path directory) throws StoreUnusableException {
    var identity = keys.identity();
    return RocksStore.open(directory, identity.cluster(), identity.fingerprint(), OPTIONS);
  }

  static SpaceId main(BenchCluster.Keys keys) {
    return SpaceId.of(keys.identity().cluster(), SpaceId.MAIN, 0);
  }

  /// Starts it.
  void start(PeerAddress... peers) throws IOException {
    start(new Watchers(new LoopObserver() {}, it -> it, it -> it), peers);
  }

  /// Starts it, and has its transfers noted.
  void start(TransferTrace trace, PeerAddress... peers) throws IOException {
    start(new Watchers(trace, trace::noting, trace::noting), peers);
  }

  /// Starts it, and has the batches counted that it applies in `main`.
  void start(BatchTally tally, PeerAddress... peers) throws IOException {
    start(new Watchers(tally, it -> it, it -> it), peers);
  }

  /// Who looks on.
  ///
  /// @param main at the loop of `main`
  private record Watchers(
      LoopObserver main, UnaryOperator<PeerLinks> links, UnaryOperator<SpaceInbox> inbox) {}

  private void start(Watchers watchers, PeerAddress... peers) throws IOException {
    var identity = keys.identity();
    var transport = keys.transport(List.of(peers), alarms);
    Function<String, LoopObserver> observer =
        name -> name.equals(SpaceId.MAIN) ? watchers.main() : new LoopObserver() {};
    var spaces =
        new HostedSpaces(
            new HostParts(
                new HostParts.Identity(
                    identity.cluster(), identity.fingerprint(), identity.key(), _ -> true),
                store,
                watchers.links().apply(transport),
                Limits.DEFAULT,
                Proof.NEEDED,
                QueueLimits.DEFAULT,
                new HostParts.Records(
                    new ActivityRing(),
                    alarms,
                    _ -> TransferTrace.SILENT,
                    observer,
                    InstantSource.system())));
    transport.start(watchers.inbox().apply(spaces.inbox()));
    running = Optional.of(new Parts(transport, spaces));
    describe(spaces);
  }

  /// Who is not described is no member to the others, and too few members leave nobody to confirm.
  private void describe(HostedSpaces spaces) {
    var certificate = keys.identity().certificate();
    var member =
        new Member(
            keys.identity().fingerprint(),
            certificate.name(),
            Base64.getEncoder().encodeToString(certificate.bytes()),
            certificate.site(),
            List.of());
    var written = spaces.describe(member, List.of()).toCompletableFuture().join();
    if (!(written instanceof Outcome.Committed)) {
      throw new IllegalStateException("a member could not be described: " + written);
    }
  }

  KeyFingerprint key() {
    return keys.identity().fingerprint();
  }

  /// How many members it knows of.
  int members() {
    return parts().spaces().members().all().size();
  }

  PeerAddress address() {
    return BenchCluster.address(parts().transport());
  }

  NodeStore store() {
    return store;
  }

  Space main() {
    return parts().spaces().find(SpaceId.MAIN).orElseThrow();
  }

  private Parts parts() {
    return running.orElseThrow();
  }

  /// What two members must agree on.
  String state() {
    var status = main().status();
    return status.active() + " " + status.digest() + " " + status.cells();
  }

  /// Bytes of frames of a kind since it was started, with all peers together.
  Flow bytes(FrameKind kind) {
    var traffic = parts().transport().traffic();
    return new Flow(
        sum(traffic.stream().map(PeerTraffic::in).toList(), kind),
        sum(traffic.stream().map(PeerTraffic::out).toList(), kind));
  }

  /// Bytes that came and that went.
  record Flow(long in, long out) {
    long both() {
      return in + out;
    }
  }

  /// Frames that came of a kind, and their bytes, since it was started.
  PeerTraffic.Flow received(FrameKind kind) {
    var none = new PeerTraffic.Flow(0, 0);
    var flows =
        parts().transport().traffic().stream().map(it -> it.in().getOrDefault(kind, none)).toList();
    return new PeerTraffic.Flow(
        flows.stream().mapToLong(PeerTraffic.Flow::frames).sum(),
        flows.stream().mapToLong(PeerTraffic.Flow::bytes).sum());
  }

  /// Streams that stand between it and others, those that it has dialled and those that they have.
  int streams() {
    return parts().transport().traffic().stream()
        .map(PeerTraffic::connection)
        .mapToInt(it -> (it.isDialled() ? 1 : 0) + (it.isAccepted() ? 1 : 0))
        .sum();
  }

  private static long sum(List<Map<FrameKind, PeerTraffic.Flow>> flows, FrameKind kind) {
    var none = new PeerTraffic.Flow(0, 0);
    return flows.stream().mapToLong(it -> it.getOrDefault(kind, none).bytes()).sum();
  }

  /// Fails if anything was amiss: that a log does not reach back is what is measured, all else is
  /// not.
  void requireQuiet() {
    for (var alarm : alarms.latest()) {
      if (alarm.kind() != Effect.Kind.BEHIND_LOG) {
        throw new IllegalStateException(
            "the alarm " + alarm.kind() + " in " + alarm.space() + ": " + alarm.message());
      }
    }
  }

  /// Stops it; the store stays open.
  void stop() throws InterruptedException {
    if (running.isPresent()) {
      parts().transport().close();
      parts().spaces().close();
      running = Optional.empty();
    }
  }

  /// Drops the log of `main`; only while it is stopped, for a store has one writer.
  void dropLog() {
    if (running.isPresent()) {
      throw new IllegalStateException("its loop writes");
    }
    var main = store.space(main(keys));
    var gone = new ArrayList<Changes.Write>();
    main.live()
        .scan(
            Table.LOG,
            new byte[0],
            new byte[0],
            (key, _) -> gone.add(new Changes.Write(Table.LOG, key.clone(), Optional.empty())));
    main.persist(new Changes(gone));
  }

  @Override
  public void close() throws InterruptedException {
    try {
      stop();
    } finally {
      store.close();
    }
  }
}

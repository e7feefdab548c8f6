package io.starling.node.memory;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.discovery.DiscoveryStatus;
import io.starling.node.member.Evictions;
import io.starling.node.space.Absence;
import io.starling.node.space.ListedSpace;
import io.starling.node.space.Space;
import io.starling.node.space.SpaceChange;
import io.starling.node.space.SpaceSettings;
import io.starling.node.space.Spaces;
import io.starling.node.status.NodeStatus;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.membership.Revocation;
import io.starling.replica.membership.Revocations;
import io.starling.replica.request.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// The spaces of a node without peers, disk or `_system`'s content.
public final class MemorySpaces implements Spaces, NodeStatus.Source, Evictions {

  private static final ClusterId CLUSTER = new ClusterId(7, 7);
  private static final KeyFingerprint KEY = new KeyFingerprint(1, 1);

  private final TreeMap<String, MemorySpace> spaces = new TreeMap<>();

  public MemorySpaces() {
    open(SpaceId.SYSTEM);
    open(SpaceId.MAIN);
  }

  private void open(String name) {
    spaces.computeIfAbsent(name, _ -> new MemorySpace(CLUSTER, KEY, name));
  }

  @Override
  public Revocations evicted() {
    return Revocations.NONE;
  }

  @Override
  public Revocation cutOff(KeyFingerprint key) {
    return Revocation.of(key, 0, new TreeMap<>());
  }

  @Override
  public CompletionStage<Outcome> adopt(String space, KeyFingerprint key) {
    return CompletableFuture.completedStage(
        new Outcome.Refused(Outcome.Reason.FAILED_PRECONDITION, "nobody is evicted"));
  }

  /// A space that exists.
  public synchronized MemorySpace space(String name) {
    return Optional.ofNullable(spaces.get(name)).orElseThrow();
  }

  @Override
  public synchronized Optional<Space> find(String name) {
    return Optional.ofNullable(spaces.get(name));
  }

  @Override
  public synchronized List<Space> all() {
    return List.copyOf(spaces.values());
  }

  @Override
  public synchronized CompletionStage<Outcome> create(
      String principal, String name, SpaceChange settings) {
    if (!name.matches("[a-z0-9.-][a-z0-9._-]{0,63}")) {
      return CompletableFuture.completedStage(
          new Outcome.Refused(Outcome.Reason.INVALID_ARGUMENT, "not a name of a space"));
    }
    open(name);
    return CompletableFuture.completedStage(
        new Outcome.Committed(space(SpaceId.SYSTEM).status().token(), 1));
  }

  @Override
  public synchronized CompletionStage<Outcome> change(
      String principal, String name, SpaceChange change) {
    return known(name, () -> {});
  }

  @Override
  public synchronized CompletionStage<Outcome> drop(
      String principal, String name, Optional<SpaceId> meant) {
    return known(name, () -> spaces.remove(name));
  }

  private CompletionStage<Outcome> known(String name, Runnable change) {
    if (!spaces.containsKey(name)) {
      return CompletableFuture.completedStage(
          new Outcome.Refused(Outcome.Reason.NOT_FOUND, absence(name).message(name)));
    }
    change.run();
    return CompletableFuture.completedStage(
        new Outcome.Committed(space(SpaceId.SYSTEM).status().token(), 1));
  }

  @Override
  public List<ListedSpace> listed() {
    return all().stream()
        .map(space ->
            new ListedSpace(
                space.name(),
                space.id(),
                0,
                ListedSpace.Hosting.HERE,
                space.status().cells(),
                0,
                SpaceSettings.USUAL,
                List.of()))
        .toList();
  }

  @Override
  public Absence absence(String name) {
    return new Absence.Unknown();
  }

  @Override
  public NodeStatus status() {
    var addresses = new NodeStatus.Addresses("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3");
    var self =
        new NodeStatus.Self(
            "memory", KEY, "", 42, "0", NodeStatus.State.READY, Instant.EPOCH, addresses);
    var entries =
        all().stream()
            .map(space ->
                new NodeStatus.SpaceEntry(
                    space.name(),
                    space.id(),
                    NodeStatus.SpaceCondition.RUNNING,
                    "",
                    space.status(),
                    Optional.empty()))
            .toList();
    return new NodeStatus(
        self, entries, List.of(), List.of(), List.of(), List.of(), DiscoveryStatus.OFF);
  }
}

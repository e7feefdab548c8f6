package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.member.Eviction;
import io.starling.node.member.Evictions;
import io.starling.replica.Effect;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.membership.Revocation;
import io.starling.replica.membership.Revocations;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import io.starling.replica.state.Origin;
import io.starling.replica.state.StoredSpace;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What this node does about members that are evicted, itself included.
final class Evicting implements Evictions {

  private static final Logger LOG = LoggerFactory.getLogger(Evicting.class);

  private final HostParts parts;
  private final SpaceGate gate;
  private final HostedSpace system;
  private final SpaceTable table;
  private final RevocationDocuments documents;
  private volatile boolean isEvicted;

  Evicting(
      HostParts parts,
      SpaceGate gate,
      HostedSpace system,
      SpaceTable table,
      RevocationDocuments documents) {
    this.parts = parts;
    this.gate = gate;
    this.system = system;
    this.table = table;
    this.documents = documents;
  }

  @Override
  public Revocations evicted() {
    return documents.revocations();
  }

  @Override
  public Revocation cutOff(KeyFingerprint key) {
    // What _system holds of members and tokens goes first, should there be too many.
    var heads = new LinkedHashMap<SpaceId, List<Head>>();
    heads.put(system.id(), List.of());
    for (var space : table.all()) {
      var latestFirst =
          new StoredSpace(parts.store().space(space.id()).live())
              .heads().stream()
                  .filter(origin -> origin.replica().key().equals(key))
                  .sorted(Comparator.comparing(Origin::time).reversed())
                  .map(Origin::head)
                  .toList();
      heads.put(space.id(), latestFirst);
    }
    return Revocation.of(key, parts.records().clock().millis(), heads);
  }

  @Override
  public CompletionStage<Outcome> adopt(String space, KeyFingerprint key) {
    var hosted = table.find(space);
    if (hosted.isEmpty()) {
      return refused(Outcome.Reason.INVALID_ARGUMENT, "there is no space '" + space + "' here");
    }
    if (isEvicted) {
      return refused(
          Outcome.Reason.FAILED_PRECONDITION,
          "this node is evicted itself, so what it says makes nothing stand; ask a member");
    }
    if (!documents.revocations().isRevoked(key)) {
      return refused(
          Outcome.Reason.FAILED_PRECONDITION,
          key + " is not evicted; what it writes stands without being adopted");
    }
    return hosted.get().loop().adopt(key);
  }

  private static String message(Instant at) {
    return "this node was evicted from its cluster on "
        + at
        + ": what it writes is held by all others; write on another node, and let an operator"
        + " adopt there what this one has written since";
  }

  /// A peer is up: one that is evicted may not know it.
  void up(KeyFingerprint peer) {
    try {
      documents.statements(peer).forEach(statement -> parts.links().dismiss(peer, statement));
    } catch (StorageFailure failure) {
      LOG.warn("whether {} is evicted cannot be read: {}", peer, failure.getMessage());
    }
  }

  /// What `_system` says of evictions has changed, or is read for the first time.
  void changed() {
    try {
      table.up().forEach(this::up);
      documents.missing().forEach(this::keep);
      var self = parts.identity().key();
      var statements = documents.revocations().byKey().getOrDefault(self, List.of());
      if (!statements.isEmpty() && !isEvicted) {
        isEvicted = true;
        var message = message(Instant.ofEpochMilli(statements.getFirst().atMillis()));
        gate.dismiss(message);
        LOG.error(message);
        parts
            .records()
            .alarms()
            .raise(
                system.name(),
                new Effect.Alarm(Effect.Kind.EVICTED, message),
                parts.records().clock().instant());
      }
    } catch (StorageFailure failure) {
      LOG.warn("who is evicted cannot be read: {}", failure.getMessage());
    }
  }

  /// Writes a statement that somebody has removed.
  private void keep(byte[] statement) {
    parts
        .identity()
        .revocation()
        .apply(statement)
        .ifPresent(it -> {
          LOG.warn("the statement that {} is evicted was removed; it is written again", it.key());
          system.write(
              new Request("", Optional.empty(), List.of(Eviction.of(it.key(), statement))));
        });
  }

  /// A peer says that this node is evicted. The statement is kept here if it is genuine: the others
  /// tell this node nothing more.
  void dismissed(byte[] statement) {
    var revocation = parts.identity().revocation().apply(statement);
    boolean isNews =
        revocation.filter(it -> it.key().equals(parts.identity().key())).isPresent() && !isEvicted;
    if (isNews) {
      var mutation = Eviction.of(parts.identity().key(), statement);
      system
          .write(new Request("", Optional.empty(), List.of(mutation)))
          .thenAccept(outcome -> LOG.info("the statement of the eviction is kept: {}", outcome));
    }
  }

  private static CompletionStage<Outcome> refused(Outcome.Reason reason, String message) {
    return CompletableFuture.completedStage(new Outcome.Refused(reason, message));
  }
}

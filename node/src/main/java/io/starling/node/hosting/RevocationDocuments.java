package io.starling.node.hosting;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.node.member.Eviction;
import io.starling.replica.membership.Revocation;
import io.starling.replica.membership.Revocations;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The revocations that `_system` holds, those that the authority has signed; read again only when
/// they have changed.
final class RevocationDocuments {

  private static final Logger LOG = LoggerFactory.getLogger(RevocationDocuments.class);

  private static final int NAMES_MAX = 1_000_000;

  private final HostedSpace system;
  private final Function<byte[], Optional<Revocation>> genuine;
  private final Remembered<Known> known = new Remembered<>();
  // Whoever may write to _system may remove them there, too; they hold all the same.
  private final ConcurrentSkipListMap<String, byte[]> seen = new ConcurrentSkipListMap<>();

  private record Known(
      Revocations revocations,
      SortedMap<KeyFingerprint, List<byte[]>> statements,
      List<byte[]> missing) {}

  /// @param genuine reads a signed statement; empty if the authority has not signed it
  RevocationDocuments(HostedSpace system, Function<byte[], Optional<Revocation>> genuine) {
    this.system = system;
    this.genuine = genuine;
  }

  /// `_system` has changed.
  void forget() {
    known.forget();
  }

  Revocations revocations() {
    return known.get(this::read).revocations();
  }

  /// The signed statements against a key.
  List<byte[]> statements(KeyFingerprint key) {
    return known.get(this::read).statements().getOrDefault(key, List.of());
  }

  /// Whether a dot of `_system` lies beyond the cut-off of a revoked member: what it says there of
  /// tokens, spaces and members does not count, whoever has named it.
  boolean isBeyond(Dot dot) {
    return dot.seq() > revocations().cut(system.id(), dot.replica());
  }

  /// Whoever wrote it: what counts is the signature.
  private Optional<byte[]> statement(String key) {
    try (var snapshot = system.readAll()) {
      return snapshot.reader().view(Path.of(key), 0).toValue() instanceof Value.Struct document
          ? Eviction.statement(document)
          : Optional.empty();
    }
  }

  /// Genuine statements that were in `_system` and are there no more.
  List<byte[]> missing() {
    return known.get(this::read).missing();
  }

  private Known read() {
    var there = new TreeSet<String>();
    for (var name : SystemDocuments.names(system, Eviction.PREFIX, NAMES_MAX)) {
      var statement = statement(Eviction.PREFIX + name);
      if (statement.flatMap(genuine).isPresent()) {
        there.add(name);
        seen.put(name, statement.get());
      } else {
        // Whoever may write to _system may write nonsense there; it revokes nobody.
        LOG.warn(
            "passed over in _system: {}{}: no statement of the authority", Eviction.PREFIX, name);
      }
    }
    var all = new ArrayList<Revocation>();
    var statements = new TreeMap<KeyFingerprint, List<byte[]>>();
    var missing = new ArrayList<byte[]>();
    seen.forEach((name, statement) ->
        genuine
            .apply(statement)
            .ifPresent(revocation -> {
              all.add(revocation);
              statements.computeIfAbsent(revocation.key(), _ -> new ArrayList<>()).add(statement);
              if (!there.contains(name)) {
                missing.add(statement);
              }
            }));
    return new Known(all.isEmpty() ? Revocations.NONE : Revocations.of(all), statements, missing);
  }
}

package io.starling.crdt.cell;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// A cell in canonical bytes, read, with what follows from these alone: whoever gets cells from
/// another member works it out before the engine's turn comes, on any thread.
///
/// It holds no values, so it takes little more than its bytes, whatever those hold.
///
/// @param name its canonical bytes
/// @param content its canonical bytes, of at least one dot or tally
/// @param path where its value is
/// @param origin whose share it is, if it is one of a counter
/// @param isLive whether readers see something
/// @param replicas those that it names, each once
/// @param slot where it falls in sums ([CellDigest#slot])
public record CanonicalCell(
    byte[] name,
    byte[] content,
    Path path,
    CellKind kind,
    Optional<ReplicaId> origin,
    boolean isLive,
    List<ReplicaId> replicas,
    int slot,
    CellDigest digest) {

  public CanonicalCell {
    replicas = List.copyOf(replicas);
  }

  /// Reads one.
  ///
  /// @param sha256 that the caller keeps for many
  /// @throws MalformedException if these are not the bytes of a cell
  public static CanonicalCell of(MessageDigest sha256, byte[] name, byte[] content)
      throws MalformedException {
    var id = CellId.decode(name, ReplicaForm.FULL);
    var cell = CellEncoding.decode(id.kind(), content, ReplicaForm.FULL);
    if (cell.isEmpty()) {
      throw new MalformedException("an empty cell");
    }
    Optional<ReplicaId> origin =
        id instanceof CellId.Share(_, var replica) ? Optional.of(replica) : Optional.empty();
    return new CanonicalCell(
        name,
        content,
        id.path(),
        id.kind(),
        origin,
        cell.isLive(),
        replicas(origin, cell),
        CellDigest.slot(sha256, name),
        CellDigest.of(sha256, name, content));
  }

  private static List<ReplicaId> replicas(Optional<ReplicaId> origin, Cell cell) {
    return switch (cell) {
      case Cell.Presence(var dots) -> replicas(dots.entries().keySet());
      case Cell.Register(var values) -> replicas(values.entries().keySet());
      case Cell.Share _ -> origin.stream().toList();
    };
  }

  private static List<ReplicaId> replicas(Collection<Dot> dots) {
    return dots.size() == 1
        ? List.of(dots.iterator().next().replica())
        : dots.stream().map(Dot::replica).distinct().toList();
  }
}

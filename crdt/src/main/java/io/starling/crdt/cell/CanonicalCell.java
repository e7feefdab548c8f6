package io.starling.crdt.cell;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
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

  /// Reads cells, one after the other. Not thread-safe.
  public static final class Reader {

    private final CellHash hash = new CellHash(0, 0);
    // Most cells name the same replicas as the one before: then they share one list.
    private List<ReplicaId> last = List.of();

    /// Reads one.
    ///
    /// @throws MalformedException if these are not the bytes of a cell
    public CanonicalCell read(byte[] name, byte[] content) throws MalformedException {
      var id = CellId.decode(name, ReplicaForm.FULL);
      Optional<ReplicaId> origin =
          id instanceof CellId.Share(_, var replica) ? Optional.of(replica) : Optional.empty();
      boolean isLive = true;
      if (content.length == 0) {
        throw new MalformedException("an empty cell");
      }
      if (id.kind().leavesTraces()) {
        var cell = CellEncoding.decode(id.kind(), content, ReplicaForm.FULL);
        if (cell.isEmpty()) {
          throw new MalformedException("an empty cell");
        }
        isLive = cell.isLive();
      }
      last =
          origin.isPresent()
              ? List.of(origin.get())
              : CellEncoding.replicas(id.kind(), content, last);
      int slot = hash.slot(name);
      hash.look(name, content);
      return new CanonicalCell(
          name, content, id.path(), id.kind(), origin, isLive, last, slot, hash.plain());
    }
  }
}

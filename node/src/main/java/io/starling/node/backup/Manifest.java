package io.starling.node.backup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.state.SpaceImage.Part;
import java.io.IOException;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a backup is: whose, when, and for each space at which version vector with which digest, and
/// in which chunks.
///
/// @param taken when the snapshots were taken
/// @param finished when it was whole
public record Manifest(
    Source source, Instant taken, Instant finished, List<SpaceEntry> spaces, Totals totals) {

  /// Where a backup was made.
  ///
  /// @param name of the node
  /// @param version of the program
  public record Source(ClusterId cluster, KeyFingerprint node, String name, String version) {}

  /// A space in a backup.
  ///
  /// @param token the version vector with head hashes; empty if nothing was ever applied
  /// @param digest over all cells, as they are in the backup
  public record SpaceEntry(
      String name,
      SpaceId id,
      Optional<Token> token,
      CellDigest digest,
      long cells,
      Map<Part, Strand> parts) {

    public SpaceEntry {
      var all = new EnumMap<Part, Strand>(Part.class);
      for (var part : Part.values()) {
        all.put(part, parts.getOrDefault(part, Strand.EMPTY));
      }
      parts = Collections.unmodifiableMap(all);
    }

    Strand part(Part part) {
      return parts.getOrDefault(part, Strand.EMPTY);
    }
  }

  /// How large a backup is.
  ///
  /// @param bytes of rows, before they are packed
  /// @param addedChunks that were not in the repository yet
  /// @param addedBytes that these took up there
  public record Totals(long chunks, long bytes, long addedChunks, long addedBytes) {}

  public Manifest {
    spaces = List.copyOf(spaces);
  }

  /// The entry of a space.
  public Optional<SpaceEntry> space(String name) {
    return spaces.stream().filter(it -> it.name().equals(name)).findFirst();
  }

  /// Reads the manifest of a backup.
  ///
  /// @throws RepositoryException if it is missing, damaged, or of a newer format
  public static Manifest read(Repository repository, String backup) throws IOException {
    try {
      return ManifestJson.read(repository.manifest(backup));
    } catch (MalformedException foreign) {
      throw new RepositoryException(
          "the manifest of backup " + backup + " cannot be read: " + foreign.getMessage(), foreign);
    }
  }

  /// The backup that somebody names: by its whole name, by a beginning that only it has, or
  /// `latest`.
  ///
  /// @throws RepositoryException if there is none, or more than one
  public static String find(Repository repository, String named) throws IOException {
    var all = repository.backups();
    if (named.equals("latest") && !all.isEmpty()) {
      return all.getLast();
    }
    var fitting = all.stream().filter(it -> it.startsWith(named)).toList();
    if (fitting.size() == 1 && !named.isEmpty()) {
      return fitting.getFirst();
    }
    throw new RepositoryException(
        fitting.isEmpty()
            ? "there is no backup '" + named + "' at " + repository.location()
            : "'" + named + "' are " + fitting.size() + " backups; say more of the name");
  }
}

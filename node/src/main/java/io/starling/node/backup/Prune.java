package io.starling.node.backup;

import io.starling.node.backup.repository.ChunkId;
import io.starling.node.backup.repository.ChunkSet;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.replica.state.SpaceImage.Part;
import java.io.IOException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Deletes backups that need not be kept, then all chunks that no backup names.
///
/// It holds the lease to delete, so no backup is being made meanwhile which may count on a chunk.
/// Whatever it cannot read it does not delete by: one manifest that is damaged, and no chunk goes.
/// Broken off at any point, by a power loss too, it leaves whole backups and chunks that the next
/// one deletes.
public final class Prune {

  private final Repository repository;
  private final Retention retention;
  private final ZoneId zone;
  private final Consumer<String> progress;

  /// What was done, or would be.
  ///
  /// @param chunks deleted
  /// @param bytes that these took up
  public record Report(List<String> kept, List<String> deleted, long chunks, long bytes) {
    public Report {
      kept = List.copyOf(kept);
      deleted = List.copyOf(deleted);
    }
  }

  /// @param zone in which days begin
  /// @param progress is told what is being done
  public Prune(Repository repository, Retention retention, ZoneId zone, Consumer<String> progress) {
    this.repository = repository;
    this.retention = retention;
    this.zone = zone;
    this.progress = progress;
  }

  /// Prunes.
  ///
  /// @param by who it is, for messages
  /// @throws RepositoryException if somebody else is at work, if a manifest cannot be read, or if
  ///   nothing would be kept
  public Report run(String by, boolean isDryRun) throws IOException {
    if (retention.equals(Retention.NOTHING)) {
      throw new RepositoryException("say what to keep, for example --keep-daily 30");
    }
    if (isDryRun) {
      return prune(Step.NONE, true);
    }
    try (var lease = repository.leaseToDelete(by)) {
      var report = prune(lease::renew, false);
      repository.tidy();
      return report;
    }
  }

  /// Something that is called all the time; the lease.
  @FunctionalInterface
  private interface Step {
    Step NONE = () -> {};

    void next() throws IOException;
  }

  private Report prune(Step step, boolean isDryRun) throws IOException {
    var manifests = new TreeMap<String, Manifest>();
    for (var backup : repository.backups()) {
      step.next();
      try {
        manifests.put(backup, Manifest.read(repository, backup));
      } catch (RepositoryException damaged) {
        throw new RepositoryException(
            damaged.getMessage()
                + "; nothing is deleted as long as it is not known which chunks it needs."
                + " Delete that file if it is of no use any more",
            damaged);
      }
    }
    var kept = kept(manifests);
    var needed = new ChunkSet();
    for (var entry : manifests.entrySet()) {
      if (kept.contains(entry.getKey())) {
        progress.accept("looking through " + entry.getKey());
        need(entry.getValue(), needed, step);
      }
    }
    var deleted = new ArrayList<>(manifests.keySet());
    deleted.removeAll(kept);
    // Manifests first: a backup that is listed has all its chunks.
    for (var backup : deleted) {
      step.next();
      if (!isDryRun) {
        repository.withdraw(backup);
      }
    }
    if (!isDryRun) {
      // Before the first chunk goes: a manifest that a power loss brings back would lack it.
      repository.settle();
    }
    long[] gone = {0, 0};
    var unneeded = new ArrayList<ChunkId>();
    repository.chunks((name, bytes) -> {
      step.next();
      if (!needed.contains(name)) {
        unneeded.add(name);
        gone[0]++;
        gone[1] += bytes;
      }
    });
    for (var name : unneeded) {
      step.next();
      if (!isDryRun) {
        progress.accept("deleting chunks");
        repository.delete(name);
      }
    }
    if (!isDryRun) {
      // While the lease is held: nobody may find a chunk that is still to go.
      repository.settle();
    }
    return new Report(new ArrayList<>(kept), deleted, gone[0], gone[1]);
  }

  /// Nodes are kept apart, so that one that makes many backups takes none of another's.
  private TreeSet<String> kept(TreeMap<String, Manifest> manifests) {
    var byNode = new TreeMap<String, List<Retention.Dated>>();
    manifests.forEach((backup, manifest) ->
        byNode
            .computeIfAbsent(
                manifest.source().cluster() + " " + manifest.source().node(),
                _ -> new ArrayList<>())
            .add(new Retention.Dated(backup, manifest.taken())));
    var kept = new TreeSet<String>();
    byNode.values().forEach(backups -> kept.addAll(retention.kept(backups, zone)));
    return kept;
  }

  private void need(Manifest manifest, ChunkSet needed, Step step) throws IOException {
    for (var space : manifest.spaces()) {
      for (var part : Part.values()) {
        var strand = space.part(part);
        var reader = new StrandReader(repository, strand);
        for (var listing : strand.lists()) {
          step.next();
          // A list that is there already was looked through with another backup.
          if (needed.add(listing.chunk())) {
            for (var entry : reader.list(listing)) {
              needed.add(entry.chunk());
            }
          }
        }
      }
    }
  }
}

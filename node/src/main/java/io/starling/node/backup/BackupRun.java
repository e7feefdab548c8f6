package io.starling.node.backup;

import io.starling.crdt.cell.CellDigest;
import io.starling.node.backup.repository.ChunkId;
import io.starling.node.backup.repository.ChunkSet;
import io.starling.node.backup.repository.Lease;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.state.SpaceImage;
import io.starling.replica.state.SpaceImage.Part;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Makes one backup. What was kept before it was broken off is found again by the next one, and not
/// sent again. For one thread; [#progress()] is for any.
public final class BackupRun {

  private static final int PAGE_BYTES = 1 << 20;

  private final Repository repository;
  private final Manifest.Source source;
  private final long bytesPerSecond;
  private final InstantSource clock;
  private final ChunkSet known = new ChunkSet();
  private volatile Progress progress = Progress.NONE;
  private volatile boolean isStopped;
  private long began;
  private long chunks;
  private long addedChunks;
  private long addedBytes;

  /// A space to be backed up, and its state at one moment.
  public record Subject(String name, SpaceId id, StateSnapshot state) {}

  /// The name of a backup and what it is.
  public record Made(String name, Manifest manifest) {}

  /// @param bytesPerSecond of rows that are read at most, so that the node's clients do not notice
  public BackupRun(
      Repository repository, Manifest.Source source, long bytesPerSecond, InstantSource clock) {
    this.repository = repository;
    this.source = source;
    this.bytesPerSecond = bytesPerSecond;
    this.clock = clock;
  }

  /// How far it is.
  public Progress progress() {
    return progress;
  }

  /// Has it end soon, as failed.
  public void stop() {
    isStopped = true;
  }

  /// Makes the backup. When this returns it is durable.
  ///
  /// @param subjects opens the snapshots, when the repository is found to take a backup; they are
  ///   closed here
  /// @throws RepositoryException if the repository cannot take it; it lists and verifies as before
  /// @throws StorageFailure if the node's own store cannot be read, or is damaged
  public Made make(Supplier<List<Subject>> subjects) throws IOException, InterruptedException {
    try (var lease = repository.lease(source.name())) {
      repository.chunks((name, _) -> {
        known.add(name);
        lease.renew();
      });
      began = System.nanoTime();
      var taken = clock.instant();
      var open = subjects.get();
      try {
        var spaces = new ArrayList<Manifest.SpaceEntry>();
        for (var subject : open) {
          spaces.add(space(subject, lease));
        }
        progress = new Progress("", progress.rows(), progress.bytes(), addedBytes);
        var totals = new Manifest.Totals(chunks, progress.bytes(), addedChunks, addedBytes);
        var finished = clock.instant();
        var manifest = new Manifest(source, taken, finished, spaces, totals);
        return new Made(
            repository.publish(lease, finished, ManifestJson.write(manifest)), manifest);
      } finally {
        open.forEach(it -> it.state().close());
      }
    }
  }

  private Manifest.SpaceEntry space(Subject subject, Lease lease)
      throws IOException, InterruptedException {
    var image = new SpaceImage(subject.state());
    var digest = new Sum();
    var parts = new EnumMap<Part, Strand>(Part.class);
    for (var part : Part.values()) {
      parts.put(part, strand(subject, image.rows(part), part == Part.CELLS, digest, lease));
    }
    var kept = image.kept();
    if (kept.isPresent()
        && !(kept.get().total().equals(digest.total) && kept.get().cells() == digest.cells)) {
      throw new StorageFailure(
          "the cells of space "
              + subject.name()
              + " are not those that this node keeps the sum of: its store is damaged, and was not"
              + " backed up. Make the backup on another node",
          new IllegalStateException(digest.total + " is not " + kept.get().total()));
    }
    return new Manifest.SpaceEntry(
        subject.name(), subject.id(), image.token(), digest.total, digest.cells, parts);
  }

  private static final class Sum {
    private CellDigest total = CellDigest.ZERO;
    private long cells;
  }

  private Strand strand(
      Subject subject, SpaceImage.Rows rows, boolean isCells, Sum digest, Lease lease)
      throws IOException, InterruptedException {
    var sha256 = CellDigest.sha256();
    var writer = new StrandWriter(repository.seed(), this::keep);
    for (var page = rows.some(PAGE_BYTES); !page.isEmpty(); page = rows.some(PAGE_BYTES)) {
      long bytes = 0;
      for (var row : page) {
        writer.add(row);
        bytes += (long) row.key().length + row.value().length;
        if (isCells) {
          digest.total = digest.total.plus(CellDigest.of(sha256, row.key(), row.value()));
          digest.cells++;
        }
      }
      progress =
          new Progress(
              subject.name(), progress.rows() + page.size(), progress.bytes() + bytes, addedBytes);
      lease.renew();
      pace();
    }
    return writer.finish();
  }

  private ChunkId keep(byte[] chunk) throws IOException {
    var name = repository.name(chunk);
    chunks++;
    if (known.add(name)) {
      addedBytes += repository.put(name, chunk);
      addedChunks++;
    }
    return name;
  }

  private void pace() throws IOException, InterruptedException {
    if (isStopped) {
      throw new RepositoryException("it was stopped");
    }
    double due = progress.bytes() * (double) TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
    long ahead = (long) due - (System.nanoTime() - began);
    if (ahead > 0) {
      TimeUnit.NANOSECONDS.sleep(Math.min(ahead, TimeUnit.SECONDS.toNanos(1)));
    }
  }
}

package io.starling.node.backup;

import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.backup.repository.ChunkId;
import io.starling.node.backup.repository.ChunkSet;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.state.SpaceImage.Part;
import io.starling.replica.state.SpaceImage.Row;
import io.starling.replica.state.SpaceImport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Checks backups: that every chunk is there and holds what its name says, that rows are in order
/// and as many as they should be, and that the cells of each space come to the digest that was kept
/// by the engine, at the version vector of the manifest.
///
/// Each chunk is read once, however many backups share it: what a chunk's cells add to a digest is
/// remembered. For one thread.
public final class Verification {

  private final Repository repository;
  private final boolean isQuick;
  private final Consumer<String> progress;
  private final ChunkSet present = new ChunkSet();
  private final Map<String, Read> read = new TreeMap<>();
  private final List<Problem> problems = new ArrayList<>();
  private long chunks;
  private long bytes;

  /// Something that is wrong with a backup.
  public record Problem(String backup, String what) {}

  /// What was found.
  ///
  /// @param chunks that were looked at, each once
  /// @param bytes of rows that were read
  public record Report(List<String> backups, long chunks, long bytes, List<Problem> problems) {
    public Report {
      backups = List.copyOf(backups);
      problems = List.copyOf(problems);
    }

    public boolean isSound() {
      return problems.isEmpty();
    }
  }

  /// What a chunk has been found to be.
  private record Read(int rows, byte[] last, CellDigest sum) {}

  /// @param isQuick looks only whether chunks are there, not what is in them
  /// @param progress is told what is being looked at
  public Verification(Repository repository, boolean isQuick, Consumer<String> progress) {
    this.repository = repository;
    this.isQuick = isQuick;
    this.progress = progress;
  }

  /// Checks some backups.
  public Report check(List<String> backups) throws IOException {
    repository.chunks((name, _) -> present.add(name));
    for (var backup : backups) {
      try {
        var manifest = Manifest.read(repository, backup);
        for (var space : manifest.spaces()) {
          progress.accept("backup " + backup + ", space " + space.name());
          checkSpace(backup, space);
        }
      } catch (RepositoryException damaged) {
        problems.add(new Problem(backup, String.valueOf(damaged.getMessage())));
      }
    }
    return new Report(backups, chunks, bytes, problems);
  }

  private void checkSpace(String backup, Manifest.SpaceEntry space) throws IOException {
    int before = problems.size();
    var sum = CellDigest.ZERO;
    for (var part : Part.values()) {
      sum = sum.plus(checkStrand(backup, space, part));
    }
    if (isQuick || problems.size() > before) {
      return;
    }
    if (!sum.equals(space.digest())) {
      report(backup, space, "its cells come to the digest " + sum + ", not " + space.digest());
    }
    if (space.part(Part.CELLS).rows() != space.cells()) {
      report(backup, space, "it has other cells than its manifest says");
    }
    checkVector(backup, space);
  }

  /// Whether what says how far the space was says what the manifest does.
  private void checkVector(String backup, Manifest.SpaceEntry space) throws IOException {
    try {
      var rebuild = new SpaceImport(space.id(), new MemoryState());
      new StrandReader(repository, space.part(Part.META))
          .rows(row -> {
            add(rebuild, row);
            return true;
          });
      if (!rebuild.token().equals(space.token())) {
        report(backup, space, "it is of another version vector than its manifest says");
      }
    } catch (StorageFailure foreign) {
      report(backup, space, String.valueOf(foreign.getMessage()));
    }
  }

  private static void add(SpaceImport rebuild, Row row) throws RepositoryException {
    try {
      rebuild.add(Part.META, row);
    } catch (MalformedException foreign) {
      throw new RepositoryException("a row that does not belong there", foreign);
    }
  }

  private CellDigest checkStrand(String backup, Manifest.SpaceEntry space, Part part)
      throws IOException {
    var strand = space.part(part);
    var reader = new StrandReader(repository, strand);
    var sum = CellDigest.ZERO;
    long rows = 0;
    byte[] last = new byte[0];
    for (var listing : strand.lists()) {
      List<Strand.Entry> entries;
      try {
        entries = reader.list(listing);
      } catch (RepositoryException damaged) {
        report(backup, space, damaged.getMessage());
        return sum;
      }
      for (var entry : entries) {
        var found = look(backup, space, part, reader, entry);
        if (part == Part.CELLS && !isQuick && found.rows() > 0) {
          if (last.length > 0 && Arrays.compareUnsigned(last, entry.first()) >= 0) {
            report(backup, space, "chunk " + entry.chunk() + " is out of order");
          }
          last = found.last();
          sum = sum.plus(found.sum());
        }
        rows += entry.rows();
      }
    }
    if (rows != strand.rows()) {
      report(backup, space, "it has " + rows + " rows where its manifest says " + strand.rows());
    }
    return sum;
  }

  private static final Read NOT_READ = new Read(0, new byte[0], CellDigest.ZERO);

  private Read look(
      String backup, Manifest.SpaceEntry space, Part part, StrandReader reader, Strand.Entry entry)
      throws IOException {
    if (!present.contains(entry.chunk())) {
      report(backup, space, "chunk " + entry.chunk() + " is missing");
      return NOT_READ;
    }
    if (isQuick) {
      chunks++;
      return NOT_READ;
    }
    // The same bytes may be cells in one place and something else in another.
    var key = part + " " + entry.chunk();
    var known = read.get(key);
    if (known != null) {
      return known;
    }
    try {
      var found = readChunk(part, reader, entry);
      read.put(key, found);
      return found;
    } catch (RepositoryException damaged) {
      report(backup, space, damaged.getMessage());
      return NOT_READ;
    }
  }

  private Read readChunk(Part part, StrandReader reader, Strand.Entry entry) throws IOException {
    var rows = reader.rows(entry);
    chunks++;
    bytes += entry.bytes();
    if (rows.size() != entry.rows()
        || rows.isEmpty()
        || !Arrays.equals(rows.getFirst().key(), entry.first())) {
      throw wrong(entry.chunk(), "holds other rows than are listed");
    }
    if (part != Part.CELLS) {
      return new Read(rows.size(), new byte[0], CellDigest.ZERO);
    }
    var sha256 = CellDigest.sha256();
    var sum = CellDigest.ZERO;
    byte[] last = new byte[0];
    for (var row : rows) {
      if (Arrays.compareUnsigned(last, row.key()) >= 0) {
        throw wrong(entry.chunk(), "holds cells that are out of order");
      }
      last = row.key();
      sum = sum.plus(CellDigest.of(sha256, row.key(), row.value()));
    }
    return new Read(rows.size(), last, sum);
  }

  private static RepositoryException wrong(ChunkId chunk, String what) {
    return new RepositoryException("chunk " + chunk + " " + what);
  }

  private void report(String backup, Manifest.SpaceEntry space, @Nullable String what) {
    problems.add(
        new Problem(
            backup, "space " + space.name() + ": " + Objects.requireNonNullElse(what, "?")));
  }
}

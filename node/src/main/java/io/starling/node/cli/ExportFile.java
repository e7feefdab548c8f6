package io.starling.node.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/// Where exported lines go: a file, which has its name once it is whole, or standard output.
final class ExportFile implements AutoCloseable {

  /// What follows the file's name while it is written.
  static final String UNFINISHED = ".part";

  private static final int BUFFER = 64 << 10;

  private final Optional<Path> file;
  private final OutputStream out;

  private ExportFile(Optional<Path> file, OutputStream out) {
    this.file = file;
    this.out = out;
  }

  /// Begins a file, in place of what an earlier export left unfinished. Gzipped if its name ends
  /// so.
  static ExportFile of(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a directory");
    }
    var raw = new BufferedOutputStream(Files.newOutputStream(unfinished(file)), BUFFER);
    boolean isGzip = file.toString().endsWith(".gz");
    return new ExportFile(Optional.of(file), isGzip ? new GZIPOutputStream(raw, BUFFER) : raw);
  }

  /// Prints lines instead.
  static ExportFile of(PrintWriter out) {
    return new ExportFile(Optional.empty(), new Printed(out));
  }

  static Path unfinished(Path file) {
    return file.resolveSibling(file.getFileName() + UNFINISHED);
  }

  void line(byte[] utf8) throws IOException {
    out.write(utf8);
    out.write('\n');
  }

  /// Ends it. What has its name is on disk.
  ///
  /// @param isWhole whether the file gets its name, in place of one that is there
  void finish(boolean isWhole) throws IOException {
    out.close();
    if (isWhole && file.isPresent()) {
      var name = file.get();
      try (var written = FileChannel.open(unfinished(name), StandardOpenOption.WRITE)) {
        written.force(true);
      }
      Files.move(unfinished(name), name, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /// Leaves it as it is, if it was not finished.
  @Override
  public void close() throws IOException {
    out.close();
  }

  /// Lines for whoever reads what is printed; fails when nobody does any more.
  private static final class Printed extends OutputStream {
    private final PrintWriter out;

    private Printed(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void write(int one) {
      out.write(one);
    }

    @Override
    public void write(byte[] utf8) throws IOException {
      out.write(new String(utf8, StandardCharsets.UTF_8));
      if (out.checkError()) {
        throw new IOException("nobody reads standard output any more");
      }
    }

    @Override
    public void close() {
      out.flush();
    }
  }
}

package io.starling.node.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// A file of lines, gzipped or not, read one bounded line at a time.
final class NdjsonFile implements AutoCloseable {

  /// Longest line, in bytes.
  static final int LINE_BYTES_MAX = 512 << 10;

  private static final int BUFFER = 64 << 10;
  private static final int GZIP_MAGIC = 0x1f8b;

  private final long size;
  private final Counted counted;
  private final InputStream in;
  private long number;

  /// A line of the file.
  ///
  /// @param number from 1
  /// @param bytes without the line's end; of one that is too long, a part
  record Line(long number, byte[] bytes, boolean isTooLong) {}

  private NdjsonFile(long size, Counted counted, InputStream in) {
    this.size = size;
    this.counted = counted;
    this.in = in;
  }

  static NdjsonFile open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a directory");
    }
    var counted = new Counted(Files.newInputStream(file));
    var raw = new BufferedInputStream(counted, BUFFER);
    raw.mark(2);
    boolean isGzip = (raw.read() << Byte.SIZE | raw.read()) == GZIP_MAGIC;
    raw.reset();
    var in = isGzip ? new BufferedInputStream(unpacked(file, raw), BUFFER) : raw;
    return new NdjsonFile(Files.size(file), counted, in);
  }

  private static InputStream unpacked(Path file, InputStream raw) throws IOException {
    try {
      return new GZIPInputStream(raw, BUFFER);
    } catch (ZipException | EOFException broken) {
      raw.close();
      throw new IOException(file + " begins as a gzipped file does, and is none", broken);
    }
  }

  /// The number of the line that was read last; 0 at first.
  long number() {
    return number;
  }

  /// The next line, if there is one.
  Optional<Line> next() throws IOException {
    var bytes = new ByteArrayOutputStream();
    boolean isTooLong = false;
    int next = in.read();
    if (next < 0) {
      return Optional.empty();
    }
    while (next >= 0 && next != '\n') {
      if (bytes.size() < LINE_BYTES_MAX) {
        bytes.write(next);
      } else {
        isTooLong = true;
      }
      next = in.read();
    }
    return Optional.of(new Line(++number, bytes.toByteArray(), isTooLong));
  }

  /// How much of the file was read, from 0 to 1.
  double fraction() {
    return size == 0 ? 1 : Math.min(1, (double) counted.count / size);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /// Counts what is read of the file itself, before it is unpacked.
  private static final class Counted extends FilterInputStream {
    private long count;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int next = super.read();
      count += next < 0 ? 0 : 1;
      return next;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int read = super.read(to, offset, length);
      count += Math.max(0, read);
      return read;
    }
  }
}

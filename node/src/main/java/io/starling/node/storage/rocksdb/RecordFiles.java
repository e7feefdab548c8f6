package io.starling.node.storage.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// A look at a database's manifest and write-ahead logs before it is opened: RocksDB never returns
/// from opening a manifest in which a record is of a kind that it does not expect there.
///
/// Both are rows of blocks of 32 KiB with records of this form, in little-endian order; what is
/// left of a block after its last record is zero.
///
/// ```
/// 4 bytes   CRC-32C of all after the length, rotated by 15 bits, plus a constant
/// 2 bytes   length of the payload
/// 1 byte    kind: 1 whole, 2 first, 3 middle, 4 last part
/// …         payload
/// ```
///
/// A broken record after which no other begins is the end of a write that was cut short, and for
/// RocksDB to cut off: of one write, a file system may keep some blocks and lose others.
final class RecordFiles {

  private static final int BLOCK_BYTES = 32 * 1024;
  private static final int HEADER_BYTES = 7;
  private static final int FIRST = 2;
  private static final int KIND_MAX = 4;
  private static final int MASK = 0xa282ead8;
  private static final int ROTATED = 15;

  private RecordFiles() {}

  /// What is wrong with the files of a database; empty if it may be opened.
  static Optional<String> objection(Path database) throws IOException {
    for (var file : files(database)) {
      var objection = new Look(file).objection();
      if (objection.isPresent()) {
        return objection;
      }
    }
    return Optional.empty();
  }

  /// @throws IOException if the manifest must not be opened
  static void checkManifest(Path database) throws IOException {
    var objection = new Look(manifest(database)).objection();
    if (objection.isPresent()) {
      throw new IOException(objection.get());
    }
  }

  private static Path manifest(Path database) throws IOException {
    var name = Files.readString(database.resolve("CURRENT"), StandardCharsets.ISO_8859_1).strip();
    try {
      return database.resolve(name);
    } catch (InvalidPathException altered) {
      return database.resolve("no manifest");
    }
  }

  private static List<Path> files(Path database) throws IOException {
    var manifest = manifest(database);
    try (Stream<Path> all = Files.list(database)) {
      return all.filter(file -> file.equals(manifest) || file.toString().endsWith(".log"))
          .sorted()
          .toList();
    }
  }

  /// A look through one file.
  private static final class Look {
    private final Path file;
    private final CRC32C crc = new CRC32C();
    private Optional<Long> broken = Optional.empty();

    private Look(Path file) {
      this.file = file;
    }

    private Optional<String> objection() throws IOException {
      var block = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      try (var in = FileChannel.open(file, StandardOpenOption.READ)) {
        for (long start = 0; fill(in, block); start += BLOCK_BYTES) {
          var objection = records(block, start);
          if (objection.isPresent()) {
            return objection;
          }
        }
      }
      return Optional.empty();
    }

    private static boolean fill(FileChannel in, ByteBuffer block) throws IOException {
      block.clear();
      int read = 0;
      while (read >= 0 && block.hasRemaining()) {
        read = in.read(block);
      }
      block.flip();
      return block.hasRemaining();
    }

    private Optional<String> records(ByteBuffer block, long start) {
      while (block.remaining() >= HEADER_BYTES) {
        int at = block.position();
        int sum = block.getInt();
        int length = Short.toUnsignedInt(block.getShort());
        int kind = Byte.toUnsignedInt(block.get(at + HEADER_BYTES - 1));
        if (kind == 0 && length == 0 && sum == 0) {
          // Room that was set aside and not written.
          return Optional.empty();
        }
        if (kind > KIND_MAX) {
          return Optional.of(what("a record of kind " + kind, start + at));
        }
        boolean isWhole = length < block.remaining() && sum == sum(block, length);
        if (isWhole && broken.isPresent() && kind <= FIRST) {
          return Optional.of(what("a record that is not what was written", broken.get()));
        }
        if (isWhole) {
          block.position(at + HEADER_BYTES + length);
        } else {
          // Its length is not to be relied on: the next record may begin anywhere.
          broken = broken.or(() -> Optional.of(start + at));
          block.position(next(block, at + 1));
        }
      }
      return Optional.empty();
    }

    /// Where the next whole record of a block begins, or the block ends.
    private int next(ByteBuffer block, int from) {
      for (int at = from; at + HEADER_BYTES < block.limit(); at++) {
        int length = Short.toUnsignedInt(block.getShort(at + Integer.BYTES));
        int kind = Byte.toUnsignedInt(block.get(at + HEADER_BYTES - 1));
        block.position(at + HEADER_BYTES - 1);
        boolean isWhole =
            kind > 0
                && kind <= FIRST
                && length > 0
                && length < block.remaining()
                && block.getInt(at) == sum(block, length);
        if (isWhole) {
          return at;
        }
      }
      return block.limit();
    }

    private int sum(ByteBuffer block, int length) {
      crc.reset();
      crc.update(block.slice(block.position(), length + 1));
      int plain = (int) crc.getValue();
      return Integer.rotateRight(plain, ROTATED) + MASK;
    }

    private String what(String what, long at) {
      return what + " at byte " + at + " of " + file.getFileName();
    }
  }
}

package io.starling.node.identity;

import io.starling.node.identity.IdentityException.Reason;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/// PEM text (RFC 7468) in files.
final class Pem {

  /// No file of ours is larger; what is larger is not read.
  private static final long FILE_BYTES_MAX = 256 * 1024;

  private Pem() {}

  /// One block of a PEM text.
  record Block(String type, byte[] der) {}

  static String text(List<Block> blocks) {
    var text = new StringWriter();
    try (var out = new PemWriter(text)) {
      for (var block : blocks) {
        out.writeObject(new PemObject(block.type(), block.der()));
      }
    } catch (IOException impossible) {
      throw new AssertionError("a string takes whatever is written", impossible);
    }
    return text.toString();
  }

  /// The blocks of a text, in order; what stands between them is passed over.
  static List<Block> blocks(String text, Path source) throws IdentityException {
    var blocks = new ArrayList<Block>();
    try (var in = new PemReader(new StringReader(text))) {
      for (var next = in.readPemObject(); next != null; next = in.readPemObject()) {
        blocks.add(new Block(next.getType(), next.getContent()));
      }
    } catch (IOException | RuntimeException broken) {
      throw new IdentityException(Reason.MALFORMED, source + " is not PEM", broken);
    }
    return blocks;
  }

  static String read(Path file) throws IOException, IdentityException {
    try {
      if (Files.size(file) > FILE_BYTES_MAX) {
        throw new IdentityException(Reason.MALFORMED, file + " is too large to be what it should");
      }
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (NoSuchFileException absent) {
      throw new IdentityException(Reason.MISSING, file + " does not exist", absent);
    }
  }

  /// The only block of a file that nobody but its owner and group may read.
  static byte[] readSecret(Path file, String type) throws IOException, IdentityException {
    var blocks = blocks(read(file), file);
    if (AtomicFile.permissions(file).contains(PosixFilePermission.OTHERS_READ)) {
      throw new IdentityException(
          Reason.EXPOSED, file + " can be read by every user of this machine; chmod 600 it");
    }
    if (blocks.size() != 1 || !blocks.getFirst().type().equals(type)) {
      throw new IdentityException(Reason.MALFORMED, file + " is not one PEM block of " + type);
    }
    return blocks.getFirst().der();
  }

  static void writeSecret(Path file, String type, byte[] der) throws IOException {
    AtomicFile.writeSecret(file, text(List.of(new Block(type, der))));
  }
}

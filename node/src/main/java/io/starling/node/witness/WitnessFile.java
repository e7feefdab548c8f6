package io.starling.node.witness;

import io.starling.crdt.encoding.MalformedException;
import io.starling.node.identity.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The file that a witness is kept in.
record WitnessFile(Path path) {

  private static final long BYTES_MAX = 64L << 20;

  /// What a file turns out to hold.
  sealed interface Held {
    /// There is no file.
    record Nothing() implements Held {}

    /// Something that this version can neither read nor would overwrite.
    record Newer(int format) implements Held {}

    /// Something that is no witness.
    record Broken(String why) implements Held {}

    record Read(Witness witness) implements Held {}
  }

  /// Reads it. Never throws: no start depends on it.
  Held read() {
    try {
      if (!Files.exists(path)) {
        return new Held.Nothing();
      }
      if (Files.size(path) > BYTES_MAX) {
        return new Held.Broken("it is larger than " + (BYTES_MAX >> 20) + " MiB");
      }
      var text = Files.readString(path, StandardCharsets.UTF_8);
      int format = Witness.format(text);
      return format > Witness.FORMAT ? new Held.Newer(format) : new Held.Read(Witness.parse(text));
    } catch (IOException | MalformedException broken) {
      return new Held.Broken(String.valueOf(broken.getMessage()));
    }
  }

  /// Writes it whole. Durable when this returns.
  void write(Witness witness) throws IOException {
    Optional<Path> parent = Optional.ofNullable(path.toAbsolutePath().getParent());
    if (parent.isPresent()) {
      AtomicFile.createDirectory(parent.get());
    }
    AtomicFile.writeSecret(path, witness.toText());
  }
}

package io.starling.node.backup.repository;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What opens an encrypted repository. Read from a file, or from the environment; never from a
/// command line, which others see.
///
/// @param text in UTF-8, without a line's end
public record Passphrase(String text) {

  /// The variable of the environment that it may be in.
  public static final String VARIABLE = "STARLING_BACKUP_PASSPHRASE";

  private static final int BYTES_MAX = 4_096;
  private static final int LENGTH_MIN = 8;

  public Passphrase {
    if (text.length() < LENGTH_MIN) {
      throw new IllegalArgumentException(
          "a passphrase of fewer than " + LENGTH_MIN + " characters; take a longer one");
    }
  }

  /// The passphrase of a file, or else of the environment.
  ///
  /// @throws RepositoryException if the file cannot be read, or holds none
  public static Optional<Passphrase> find(Optional<Path> file, Map<String, String> environment)
      throws RepositoryException {
    try {
      if (file.isPresent()) {
        return Optional.of(new Passphrase(read(file.get())));
      }
      return Optional.ofNullable(environment.get(VARIABLE)).map(Passphrase::new);
    } catch (IllegalArgumentException weak) {
      throw new RepositoryException(
          file.map(Path::toString).orElse(VARIABLE) + " holds " + weak.getMessage(), weak);
    } catch (IOException unreadable) {
      throw new RepositoryException(
          "the passphrase in "
              + file.map(Path::toString).orElse(VARIABLE)
              + " cannot be read: "
              + unreadable.getMessage(),
          unreadable);
    }
  }

  private static String read(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(BYTES_MAX + 1);
      if (bytes.length > BYTES_MAX) {
        throw new IOException("it is longer than " + BYTES_MAX + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
    }
  }

  byte[] bytes() {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "a passphrase";
  }
}

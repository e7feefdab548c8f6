package io.starling.node.access;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;

/// The file with the first administrator's token, in the directory of the node that a cluster began
/// with. Whoever can read it administers the cluster.
public final class TokenFile {

  /// Its name in the node's directory.
  public static final String NAME = "admin.token";

  private static final int BYTES_MAX = 256;

  private TokenFile() {}

  /// Makes a new token and writes it to a file that only its owner may read; keeps a token that is
  /// there.
  public static BearerToken create(Path directory) throws IOException {
    var known = read(directory);
    if (known.isPresent()) {
      return known.get();
    }
    var token = BearerToken.generate();
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    var options = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (var out = FileChannel.open(directory.resolve(NAME), options, mode)) {
      out.write(ByteBuffer.wrap((token.text() + "\n").getBytes(StandardCharsets.US_ASCII)));
      out.force(true);
    }
    return token;
  }

  /// The token in the file, if there is one.
  ///
  /// @throws IOException if the file cannot be read, or holds something else
  public static Optional<BearerToken> read(Path directory) throws IOException {
    var file = directory.resolve(NAME);
    try {
      if (Files.size(file) > BYTES_MAX) {
        throw new IOException(file + " holds no token");
      }
      var token = BearerToken.parse(Files.readString(file, StandardCharsets.US_ASCII).strip());
      if (token.isEmpty()) {
        throw new IOException(file + " holds no token");
      }
      return token;
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }
}

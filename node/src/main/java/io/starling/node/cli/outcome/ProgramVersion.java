package io.starling.node.cli.outcome;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/// The version of the jar that this runs from.
public final class ProgramVersion implements IVersionProvider {

  private static final String COMMIT = "commit.txt";

  /// The version, or what stands for it where there is no jar.
  public static String text() {
    return Optional.ofNullable(ProgramVersion.class.getPackage().getImplementationVersion())
        .orElse("(unpackaged)");
  }

  /// The commit it was built from, with `-dirty` if files of it had been changed; empty if it was
  /// built from sources without Git.
  public static Optional<String> commit() {
    try (var written = ProgramVersion.class.getResourceAsStream(COMMIT)) {
      return Optional.ofNullable(written == null ? null : written.readAllBytes())
          .map(bytes -> new String(bytes, StandardCharsets.US_ASCII).strip())
          .filter(text -> !text.isEmpty());
    } catch (IOException unreadable) {
      throw new UncheckedIOException("the jar of Starling cannot be read", unreadable);
    }
  }

  /// The version and, where it is known, the commit.
  public static String exact() {
    return text() + commit().map(it -> " (" + it + ")").orElse("");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"starling " + exact()};
  }
}

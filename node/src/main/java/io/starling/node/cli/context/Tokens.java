package io.starling.node.cli.context;

import io.starling.node.cli.outcome.CommandFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// Bearer tokens as users keep them.
final class Tokens {

  private static final Pattern FORM = Pattern.compile("[!-~]{1,256}");

  private Tokens() {}

  /// The token in a file.
  static String read(Path file) throws IOException, CommandFailure {
    if (Files.isDirectory(file)) {
      throw CommandFailure.refused(file + " is a directory, not a file with a bearer token");
    }
    return checked(Files.readString(file, StandardCharsets.ISO_8859_1), file.toString());
  }

  // What would not survive a header is no token, and says less than this if it is sent.
  static String checked(String text, String from) throws CommandFailure {
    var token = text.strip();
    if (!FORM.matcher(token).matches()) {
      throw CommandFailure.refused(from + " holds no bearer token, which begins with st_");
    }
    return token;
  }
}

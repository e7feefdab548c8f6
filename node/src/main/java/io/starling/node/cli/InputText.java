package io.starling.node.cli;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Surroundings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// Standard input in the place of a word, where that is `-`.
record InputText(InputStream in) {

  /// The largest value that a node takes is smaller.
  static final int BYTES_MAX = 1 << 20;

  private static final String SIGN = "-";

  static InputText of(CommandSpec command) {
    return new InputText(Surroundings.of(command).input());
  }

  /// The word, or all of standard input without the end of its last line.
  String or(String word) throws IOException, CommandFailure {
    return word.equals(SIGN) ? all().replaceFirst("\\r?\\n\\z", "") : word;
  }

  /// The words, or the lines of standard input, empty ones left out.
  List<String> orLines(List<String> words) throws IOException, CommandFailure {
    return words.equals(List.of(SIGN))
        ? all().lines().filter(line -> !line.isEmpty()).toList()
        : words;
  }

  private String all() throws IOException, CommandFailure {
    var bytes = in.readNBytes(BYTES_MAX + 1);
    if (bytes.length > BYTES_MAX) {
      throw CommandFailure.refused("standard input is longer than 1 MiB; 'import' takes more");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException foreign) {
      throw CommandFailure.refused("standard input is not UTF-8", foreign);
    }
  }
}

package io.starling.node.local;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The command line of a process that runs this same program, with a node's JVM flags.
public final class JavaCommand {

  private static final String HEAP = "-Xmx512m";
  private static final String FLAGS = "jvm.options";

  private JavaCommand() {}

  /// @param main the class to run
  public static List<String> of(String main, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags());
    command.add(HEAP);
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.add("-cp");
    command.add(classPath());
    command.add(main);
    command.addAll(List.of(arguments));
    return command;
  }

  // The file that the launcher hands to java as well, one or more flags a line.
  private static List<String> flags() {
    try (var in = JavaCommand.class.getResourceAsStream(FLAGS)) {
      var bytes = Optional.ofNullable(in).orElseThrow().readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .flatMap(line -> List.of(line.split("\\s+")).stream())
          .toList();
    } catch (IOException impossible) {
      throw new UncheckedIOException("the jar lacks " + FLAGS, impossible);
    }
  }

  // Absolute, for the process may be looked at, or started again, from elsewhere.
  private static String classPath() {
    var entries = System.getProperty("java.class.path").split(File.pathSeparator);
    var absolute = new ArrayList<String>();
    for (var entry : entries) {
      absolute.add(Path.of(entry).toAbsolutePath().toString());
    }
    return String.join(File.pathSeparator, absolute);
  }
}

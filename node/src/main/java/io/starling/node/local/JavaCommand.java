package io.starling.node.local;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The command line of a process that runs this same program, with a node's JVM flags.
public final class JavaCommand {

  // The files that the launcher hands to java as well, one or more flags a line.
  private static final List<String> FILES = List.of("jvm.options", "node.options");

  // Where the launcher says which cache of classes it found.
  private static final String CACHE = "starling.cache";

  private JavaCommand() {}

  /// @param main the class to run
  public static List<String> of(String main, String... arguments) {
    var cache = System.getProperty(CACHE, "");
    return with(cache.isEmpty() ? List.of() : reading(Path.of(cache)), main, arguments);
  }

  /// @param more flags of the JVM, after a node's own
  public static List<String> with(List<String> more, String main, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    FILES.forEach(file -> command.addAll(flags(file)));
    command.addAll(more);
    command.add("-cp");
    command.add(classPath());
    command.add(main);
    command.addAll(List.of(arguments));
    return command;
  }

  /// Flags to start with a cache of classes (JEP 514); one that does not fit is passed over.
  public static List<String> reading(Path cache) {
    return List.of("-XX:AOTCache=" + cache, "-Xlog:aot*=off", "-Xlog:cds*=off");
  }

  /// What runs it. As the launcher has it: malloc keeps an arena for each thread unless told.
  public static ProcessBuilder process(List<String> command) {
    var process = new ProcessBuilder(command);
    process.environment().putIfAbsent("MALLOC_ARENA_MAX", "2");
    return process;
  }

  private static List<String> flags(String file) {
    try (var in = JavaCommand.class.getResourceAsStream(file)) {
      var bytes = Optional.ofNullable(in).orElseThrow().readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .flatMap(line -> Stream.of(line.split("\\s+")))
          .toList();
    } catch (IOException impossible) {
      throw new UncheckedIOException("the jar lacks " + file, impossible);
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

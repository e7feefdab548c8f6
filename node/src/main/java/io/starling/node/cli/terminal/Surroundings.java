package io.starling.node.cli.terminal;

import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/// What a command finds around it. The command at the root of a command line knows.
public interface Surroundings {

  /// The process' environment variables.
  Map<String, String> environment();

  /// The standard input.
  InputStream input();

  /// What surrounds a command.
  static Surroundings of(CommandSpec command) {
    return (Surroundings) command.root().userObject();
  }

  /// A variable that says something.
  default Optional<String> variable(String name) {
    return Optional.ofNullable(environment().get(name)).filter(text -> !text.isBlank());
  }
}

package io.starling.node.cli;

import io.starling.node.client.ClientException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/// The end of a command that did not do what it was asked: one line for people, and an exit code.
final class CommandFailure extends Exception {

  @Serial private static final long serialVersionUID = 1;

  private final int exitCode;

  private CommandFailure(int exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  static CommandFailure refused(String message) {
    return new CommandFailure(ExitCode.REFUSED, message, null);
  }

  static CommandFailure refused(String message, Throwable cause) {
    return new CommandFailure(ExitCode.REFUSED, message, cause);
  }

  static CommandFailure usage(String message) {
    return new CommandFailure(ExitCode.USAGE, message, null);
  }

  static CommandFailure unreachable(String message) {
    return new CommandFailure(ExitCode.UNREACHABLE, message, null);
  }

  static CommandFailure of(ClientException failed) {
    int code = failed.isUnreachable() ? ExitCode.UNREACHABLE : ExitCode.REFUSED;
    return new CommandFailure(code, String.valueOf(failed.getMessage()), failed);
  }

  int exitCode() {
    return exitCode;
  }
}

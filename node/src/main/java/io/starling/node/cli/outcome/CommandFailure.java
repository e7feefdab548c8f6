package io.starling.node.cli.outcome;

import io.starling.node.client.ClientException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/// The end of a command that did not do what it was asked: one line for people, and an exit code.
public final class CommandFailure extends Exception {

  @Serial private static final long serialVersionUID = 1;

  private final int exitCode;
  private final String reason;

  private CommandFailure(int exitCode, String reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
    this.reason = reason;
  }

  public static CommandFailure refused(String message) {
    return new CommandFailure(ExitCode.REFUSED, "REFUSED", message, null);
  }

  public static CommandFailure refused(String message, Throwable cause) {
    return new CommandFailure(ExitCode.REFUSED, "REFUSED", message, cause);
  }

  public static CommandFailure usage(String message) {
    return new CommandFailure(ExitCode.USAGE, "USAGE", message, null);
  }

  public static CommandFailure unreachable(String message) {
    return new CommandFailure(ExitCode.UNREACHABLE, "UNREACHABLE", message, null);
  }

  public static CommandFailure of(ClientException failed) {
    var message = String.valueOf(failed.getMessage());
    if (failed.isUnreachable()) {
      return new CommandFailure(ExitCode.UNREACHABLE, "UNREACHABLE", message, failed);
    }
    return new CommandFailure(ExitCode.REFUSED, failed.word(), message, failed);
  }

  /// A stable word for programs, in capitals: why it failed.
  public String reason() {
    return reason;
  }

  public int exitCode() {
    return exitCode;
  }
}

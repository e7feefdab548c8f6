package io.starling.node.cli.outcome;

import io.starling.node.StartException;
import io.starling.node.client.ClientException;
import io.starling.node.config.ConfigException;
import io.starling.node.identity.IdentityException;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/// Turns whatever ends a command early into one line and an exit code. Only what must be a bug of
/// ours shows a stack trace.
public final class Failures implements IExecutionExceptionHandler {

  @Override
  public int handleExecutionException(Exception failed, CommandLine command, ParseResult parsed)
      throws Exception {
    var failure =
        switch (failed) {
          case CommandFailure known -> known;
          case ClientException call -> CommandFailure.of(call);
          case IdentityException identity ->
              CommandFailure.refused(String.valueOf(identity.getMessage()), identity);
          case LocalException local ->
              CommandFailure.refused(String.valueOf(local.getMessage()), local);
          case ConfigException config ->
              CommandFailure.refused(String.valueOf(config.getMessage()), config);
          case StartException start ->
              CommandFailure.refused(String.valueOf(start.getMessage()), start);
          case NoSuchFileException missing ->
              CommandFailure.refused("no such file: " + missing.getFile(), missing);
          case AccessDeniedException denied ->
              CommandFailure.refused("not allowed to open " + denied.getFile(), denied);
          case IOException input -> CommandFailure.refused(line(input), input);
          default -> throw failed;
        };
    FailureText.print(command, parsed.originalArgs(), failure);
    return failure.exitCode();
  }

  private static String line(IOException failed) {
    var message = failed.getMessage();
    return message == null ? failed.getClass().getSimpleName() : message;
  }
}

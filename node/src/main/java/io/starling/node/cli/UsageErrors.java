package io.starling.node.cli;

import java.util.ArrayList;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Answers to a command that cannot be understood: one line, and the nearest known word.
final class UsageErrors implements IParameterExceptionHandler {

  @Override
  public int handleParseException(ParameterException wrong, String[] arguments) {
    var command = wrong.getCommandLine();
    var name = command.getCommandSpec().qualifiedName();
    var err = command.getErr();
    var suggestions = new ArrayList<String>();
    if (wrong instanceof UnmatchedArgumentException unmatched) {
      suggestions.addAll(unmatched.getSuggestions());
    }
    var hint = suggestions.isEmpty() ? "" : " Did you mean '" + suggestions.getFirst() + "'?";
    err.println("starling: " + wrong.getMessage() + "." + hint + " '" + name + " --help' helps.");
    err.flush();
    return ExitCode.USAGE;
  }
}

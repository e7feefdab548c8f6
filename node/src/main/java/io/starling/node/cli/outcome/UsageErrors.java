package io.starling.node.cli.outcome;

import java.util.ArrayList;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Answers to a command that cannot be understood: one line, and the nearest known word.
public final class UsageErrors implements IParameterExceptionHandler {

  @Override
  public int handleParseException(ParameterException wrong, String[] arguments) {
    var command = wrong.getCommandLine();
    var name = command.getCommandSpec().qualifiedName();
    var suggestions = new ArrayList<String>();
    if (wrong instanceof UnmatchedArgumentException unmatched) {
      suggestions.addAll(unmatched.getSuggestions());
    }
    var hint = suggestions.isEmpty() ? "" : " Did you mean '" + suggestions.getFirst() + "'?";
    var said = wrong.getMessage() + "." + hint + " '" + name + " --help' helps.";
    FailureText.print(command, arguments, CommandFailure.usage(said));
    return ExitCode.USAGE;
  }
}

package io.starling.node.cli;

import io.starling.node.cli.outcome.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;

/// Runs commands in this process, as a shell would in another.
public final class Shell {

  private Shell() {}

  /// What a command left behind.
  public record Result(int exit, String out, String err) {

    /// What it printed, if it succeeded.
    public String orFail() {
      if (exit != ExitCode.DONE) {
        throw new AssertionError("exit code " + exit + ": " + err);
      }
      return out;
    }
  }

  /// Runs one command.
  public static Result run(String... words) {
    var out = new StringWriter();
    var err = new StringWriter();
    var line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exit = line.execute(words);
    line.getOut().flush();
    line.getErr().flush();
    return new Result(exit, out.toString(), err.toString());
  }
}

package io.starling.node.cli;

import io.starling.node.cli.outcome.ExitCode;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// Runs commands in this process, as a shell would in another: with an environment of its own, in
/// which nobody has contexts unless a test gives a place for them.
public record Shell(Map<String, String> environment, String input) {

  private static final String NOWHERE = "/nonexistent/starling-tests";

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

  /// A shell with nothing around it.
  public static Shell bare() {
    return new Shell(Map.of("HOME", NOWHERE), "");
  }

  /// A shell whose user keeps settings below a directory.
  public static Shell at(Path config) {
    return bare().with("XDG_CONFIG_HOME", config.toString());
  }

  public Shell with(String variable, String value) {
    var more = new TreeMap<>(environment);
    more.put(variable, value);
    return new Shell(more, input);
  }

  public Shell typing(String text) {
    return new Shell(environment, text);
  }

  /// Runs one command with nothing around it.
  public static Result run(String... words) {
    return bare().execute(words);
  }

  /// Runs one command.
  public Result execute(String... words) {
    var out = new StringWriter();
    var err = new StringWriter();
    var in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
    var line =
        Main.commandLine(environment, in).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exit = line.execute(words);
    line.getOut().flush();
    line.getErr().flush();
    return new Result(exit, out.toString(), err.toString());
  }
}

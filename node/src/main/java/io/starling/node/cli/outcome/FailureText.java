package io.starling.node.cli.outcome;

import io.starling.crdt.value.Value;
import io.starling.node.json.JsonText;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import picocli.CommandLine;

/// What is said of a failure, on standard error: a line for people, an object for programs.
///
/// The object is `{"error":{"exit":1,"message":"…","reason":"UNKNOWN_SPACE"}}`, on one line. The
/// reason is stable: the node's own, or one of `REFUSED`, `USAGE`, `UNREACHABLE`.
final class FailureText {

  private static final String JSON = "--json";

  private FailureText() {}

  /// Whether the words of a command line ask for JSON; it may be that they cannot be parsed.
  static boolean isJson(List<String> words) {
    int end = words.indexOf("--");
    return words.subList(0, end < 0 ? words.size() : end).contains(JSON);
  }

  static void print(CommandLine command, List<String> words, CommandFailure failure) {
    var err = command.getErr();
    err.println(isJson(words) ? json(failure) : "starling: " + failure.getMessage());
    err.flush();
  }

  static void print(CommandLine command, String[] words, CommandFailure failure) {
    print(command, Arrays.asList(words), failure);
  }

  private static String json(CommandFailure failure) {
    var error = new TreeMap<String, Value>();
    error.put("exit", new Value.Int(failure.exitCode()));
    error.put("message", new Value.Text(String.valueOf(failure.getMessage())));
    error.put("reason", new Value.Text(failure.reason()));
    var object = new TreeMap<String, Value>();
    object.put("error", new Value.Struct(error));
    return JsonText.write(new Value.Struct(object));
  }
}

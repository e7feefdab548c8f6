package io.starling.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.starling.node.bench.Check;
import io.starling.node.bench.Spread;
import io.starling.node.cli.outcome.ExitCode;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a benchmark prints at its end: one JSON object, or lines for people.
///
/// @param detail fields of the object, besides the checks
/// @param lines for people, besides the checks
record BenchReport(Map<String, Object> detail, List<String> lines, List<Check> checks) {

  /// Prints it; the exit code says whether every check is met.
  int print(PrintWriter out, boolean isJson) throws JsonProcessingException {
    if (isJson) {
      var object = new LinkedHashMap<>(detail);
      object.put("checks", checks.stream().map(BenchReport::json).toList());
      var mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
      out.println(mapper.writeValueAsString(object));
    } else {
      lines.forEach(out::println);
      checks.forEach(check -> out.println(text(check)));
    }
    out.flush();
    return checks.stream().allMatch(Check::ok) ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private static String text(Check check) {
    return "%s %s, aim %s %s: %s"
        .formatted(
            check.name(),
            Spread.text(check.value()),
            check.isCeiling() ? "at most" : "at least",
            Spread.text(check.target()),
            check.ok() ? "ok" : "MISSED");
  }

  private static Map<String, Object> json(Check check) {
    var object = new LinkedHashMap<String, Object>();
    object.put("name", check.name());
    object.put("value", check.value());
    object.put("target", check.target());
    object.put("ok", check.ok());
    return object;
  }
}

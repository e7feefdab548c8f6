package io.starling.simulation.command;

import io.starling.simulation.Report;
import io.starling.simulation.check.Checks.Finding;
import io.starling.simulation.json.JsonObject;
import io.starling.simulation.shrink.Shrinker.Shrunk;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/// A result, for people and as JSON.
public final class Summary {

  private final Simulate.Result result;

  public Summary(Simulate.Result result) {
    this.result = result;
  }

  /// Some lines for a person. A failure ends with its trace and the one line that reproduces it.
  public String text() {
    var text = new StringBuilder();
    var last = result.last();
    var plan = last.plan();
    text.append(plan.scenario().label())
        .append(": ")
        .append(plan.scenario().summary())
        .append('\n');
    line(
        text,
        result.reports().size()
            + " run(s), seed "
            + result.reports().getFirst().plan().seed()
            + " to "
            + plan.seed()
            + ", "
            + plan.nodes()
            + " nodes, "
            + plan.duration().toMillis()
            + " ms of faults each; "
            + speed()
            + " times real time");
    findings()
        .forEach((_, finding) ->
            line(
                text,
                "  "
                    + mark(finding)
                    + "  "
                    + finding.name()
                    + " ("
                    + finding.evaluations()
                    + " times)"));
    counts().forEach((what, count) -> line(text, "  " + count + " " + what));
    line(text, "rounds to converge, at most: " + rounds());
    line(text, "trace hash: " + last.traceHash());
    if (!result.isOk()) {
      failure(text, result.shrunk().map(Shrunk::report).orElse(last));
      result.shrunk().ifPresent(shrunk -> line(text, shrunk(shrunk, last)));
    }
    return text.toString();
  }

  /// One JSON object.
  public String json() {
    var last = result.last();
    var json = new JsonObject();
    json.text("scenario", last.plan().scenario().label());
    json.number("seed", last.plan().seed());
    json.number("runs", result.reports().size());
    json.number("nodes", last.plan().nodes());
    json.number("durationMillis", last.plan().duration().toMillis());
    json.raw("ok", Boolean.toString(result.isOk()));
    json.raw("checks", JsonObject.array(findings().values().stream().map(Summary::check).toList()));
    json.text("traceHash", last.traceHash());
    json.raw(
        "traceHashes",
        JsonObject.array(
            result.reports().stream().map(r -> JsonObject.quoted(r.traceHash())).toList()));
    json.number("roundsToConverge", rounds());
    json.number("virtualMillis", virtualMillis());
    json.number("realMillis", result.realMillis());
    json.raw("speed", speed());
    var counts = new JsonObject();
    counts().forEach(counts::number);
    json.raw("counts", counts.toString());
    last.failure()
        .ifPresent(failure -> {
          json.text("failure", failure);
          json.text("reproduce", last.plan().command());
          result.shrunk().ifPresent(shrunk -> json.raw("shrunk", shrunk(shrunk)));
          json.raw(
              "trace", JsonObject.array(last.tail().stream().map(JsonObject::quoted).toList()));
        });
    return json.toString();
  }

  private static String shrunk(Shrunk shrunk, Report last) {
    return "that is the smallest of "
        + shrunk.runs()
        + " runs that were tried: "
        + shrunk.report().lines()
        + " events, of "
        + last.lines()
        + " in: "
        + last.plan().command();
  }

  private static String shrunk(Shrunk shrunk) {
    var report = shrunk.report();
    var json = new JsonObject();
    json.number("runs", shrunk.runs());
    json.text("reproduce", report.plan().command());
    json.text("failure", report.failure().orElse(""));
    json.number("events", report.lines());
    json.raw("trace", JsonObject.array(report.tail().stream().map(JsonObject::quoted).toList()));
    return json.toString();
  }

  private static void failure(StringBuilder text, Report report) {
    line(text, "the last of " + report.lines() + " events:");
    List<String> tail = report.tail();
    tail.forEach(one -> line(text, "  " + one));
    line(text, "FAILED " + report.failure().orElse(""));
    line(text, "reproduce: " + report.plan().command());
  }

  private static String check(Finding finding) {
    var json = new JsonObject();
    json.text("name", finding.name());
    json.number("value", finding.violations());
    json.number("target", 0);
    json.raw("ok", Boolean.toString(finding.isOk()));
    json.number("evaluations", finding.evaluations());
    return json.toString();
  }

  /// Findings of all runs, summed up by name.
  private SortedMap<String, Finding> findings() {
    var sums = new TreeMap<String, Finding>(Summary::byNumber);
    for (var report : result.reports()) {
      for (var finding : report.findings()) {
        sums.merge(
            finding.name(),
            finding,
            (a, b) ->
                new Finding(
                    a.name(), a.evaluations() + b.evaluations(), a.violations() + b.violations()));
      }
    }
    return sums;
  }

  private SortedMap<String, Long> counts() {
    var sums = new TreeMap<String, Long>();
    for (var report : result.reports()) {
      report
          .counts()
          .forEach((what, count) ->
              sums.merge(what, count, what.startsWith("most ") ? Math::max : Long::sum));
    }
    return sums;
  }

  private long rounds() {
    return result.reports().stream().mapToLong(Report::rounds).max().orElse(0);
  }

  private long virtualMillis() {
    return result.reports().stream().mapToLong(r -> r.virtual().toMillis()).sum();
  }

  private String speed() {
    return String.format(Locale.ROOT, "%.1f", result.speed());
  }

  private static String mark(Finding finding) {
    return finding.isOk() ? "ok    " : "FAILED";
  }

  /// `I2` before `I10`.
  private static int byNumber(String a, String b) {
    int order = Integer.compare(number(a), number(b));
    return order != 0 ? order : a.compareTo(b);
  }

  private static int number(String name) {
    var digits = name.startsWith("I") ? name.substring(1).split(" ", 2)[0] : "";
    return digits.matches("[0-9]{1,4}") ? Integer.parseInt(digits) : Integer.MAX_VALUE;
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append('\n');
  }
}

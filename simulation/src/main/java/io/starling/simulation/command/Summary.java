package io.starling.simulation.command;

import io.starling.simulation.Report;
import io.starling.simulation.check.Checks.Finding;
import io.starling.simulation.json.JsonObject;
import io.starling.simulation.shrink.Shrinker.Shrunk;
import java.util.List;
import java.util.Locale;

/// A result, for people and as JSON.
public final class Summary {

  private final Simulate.Result result;
  private final Tally tally;
  private final String version;

  /// @param version of the program; a seed says nothing without it, for another may draw otherwise
  public Summary(Simulate.Result result, String version) {
    this.result = result;
    this.version = version;
    this.tally = result.tally();
  }

  /// Some lines for a person. A failure ends with its trace and the one line that reproduces it.
  public String text() {
    var text = new StringBuilder();
    var last = tally.last();
    var plan = last.plan();
    var scenarios = tally.scenarios();
    line(
        text,
        scenarios.size() == 1
            ? plan.scenario().label() + ": " + plan.scenario().summary()
            : scenarios.size() + " scenarios by turns");
    line(
        text,
        tally.runs()
            + " run(s), seed "
            + tally.first().plan().seed()
            + " to "
            + plan.seed()
            + ", "
            + plan.nodes()
            + " nodes, "
            + plan.duration().toMillis()
            + " ms of faults each; "
            + tally.operations()
            + " operations, "
            + tally.faults()
            + " faults; "
            + result.realMillis() / 1_000
            + " s, "
            + speed()
            + " times real time");
    tally
        .findings()
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
    tally.counts().forEach((what, count) -> line(text, "  " + count + " " + what));
    line(text, "rounds to converge, at most: " + tally.rounds());
    line(text, "trace hash: " + last.traceHash());
    if (!result.isOk()) {
      failure(text, result.shrunk().map(Shrunk::report).orElse(last));
      result.shrunk().ifPresent(shrunk -> line(text, shrunk(shrunk, last)));
    }
    return text.toString();
  }

  /// One JSON object.
  public String json() {
    var last = tally.last();
    var json = new JsonObject();
    json.text("version", version);
    json.text("scenario", last.plan().scenario().label());
    json.raw(
        "scenarios",
        JsonObject.array(
            tally.scenarios().stream().map(it -> JsonObject.quoted(it.label())).toList()));
    json.number("seed", last.plan().seed());
    json.number("runs", tally.runs());
    json.number("nodes", last.plan().nodes());
    json.number("durationMillis", last.plan().duration().toMillis());
    json.raw("ok", Boolean.toString(result.isOk()));
    json.raw(
        "checks",
        JsonObject.array(tally.findings().values().stream().map(Summary::check).toList()));
    json.text("traceHash", last.traceHash());
    json.raw(
        "traceHashes", JsonObject.array(tally.hashes().stream().map(JsonObject::quoted).toList()));
    json.number("roundsToConverge", tally.rounds());
    json.number("virtualMillis", tally.virtual().toMillis());
    json.number("realMillis", result.realMillis());
    json.number("operations", tally.operations());
    json.number("faults", tally.faults());
    json.raw("speed", speed());
    var counts = new JsonObject();
    tally.counts().forEach(counts::number);
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

  private void failure(StringBuilder text, Report report) {
    line(text, "the last of " + report.lines() + " events:");
    List<String> tail = report.tail();
    tail.forEach(one -> line(text, "  " + one));
    line(text, "FAILED " + report.failure().orElse(""));
    line(text, "reproduce: " + report.plan().command());
    line(text, "with: starling " + version);
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

  private String speed() {
    return String.format(Locale.ROOT, "%.1f", result.speed());
  }

  private static String mark(Finding finding) {
    return finding.isOk() ? "ok    " : "FAILED";
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append('\n');
  }
}

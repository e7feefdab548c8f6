package io.starling.node.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.starling.node.lab.LabDesk;
import io.starling.node.lab.LabRequest;
import io.starling.node.lab.LabRun;
import io.starling.simulation.workload.WorkloadKind;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/// What a partition would do to a cluster of some shape, shown by the simulator's lab.
final class LabEndpoints {

  private static final long MILLIS = 60_000;

  // The page has its style inside, and nothing else: no script, and nothing is loaded.
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none';"
          + " form-action 'none'; sandbox";

  private final LabDesk desk;

  LabEndpoints(LabDesk desk) {
    this.desk = desk;
  }

  Answer show(Call call) {
    var last = desk.last();
    return Answer.json(
        200,
        out -> {
          out.writeStartObject();
          if (last.isPresent()) {
            out.writeFieldName("run");
            write(out, last.get());
          }
          out.writeEndObject();
        });
  }

  Answer begin(Call call) throws Problem {
    var run =
        desk.start(request(call))
            .orElseThrow(() ->
                Problem.of(
                    Problem.Kind.TYPE_MISMATCH,
                    "A run is under way already. Wait until it is done; GET /api/v1/lab says when."));
    return Answer.json(202, out -> write(out, run));
  }

  private static LabRequest request(Call call) throws Problem {
    var body = JsonObject.of(JsonObject.body(call), "the body");
    var sites = body.text("sites");
    var steps = body.texts("steps");
    var workload = body.optionalText("workload").orElse(WorkloadKind.SHOP.label());
    long millis = body.whole("durationMillis").orElse(MILLIS);
    long seed = body.whole("seed").orElse(1L);
    body.finish();
    var kind =
        WorkloadKind.find(workload)
            .orElseThrow(() -> Problem.invalid("There is no workload '" + workload + "'."));
    try {
      return new LabRequest(sites, steps, kind, Duration.ofMillis(millis), seed);
    } catch (IllegalArgumentException refused) {
      throw Problem.invalid("It cannot be run: " + refused.getMessage() + ".");
    }
  }

  Answer report(Call call) throws Problem {
    var page =
        desk.report()
            .orElseThrow(() ->
                Problem.of(
                    Problem.Kind.UNKNOWN_KEY,
                    "There is no report: POST /api/v1/lab begins a run, and GET /api/v1/lab says"
                        + " when it is done."));
    return new Answer.Whole(200, "text/html; charset=utf-8", page)
        .with(Map.of("Content-Security-Policy", POLICY, "Cache-Control", "no-store"));
  }

  private static void write(JsonGenerator out, LabRun run) throws IOException {
    out.writeStartObject();
    out.writeNumberField("number", run.number());
    out.writeStringField("state", run.state().name().toLowerCase(Locale.ROOT));
    out.writeStringField("since", run.since().toString());
    out.writeStringField("command", run.request().command());
    out.writeArrayFieldStart("lines");
    for (var line : run.lines()) {
      out.writeString(line);
    }
    out.writeEndArray();
    out.writeEndObject();
  }
}

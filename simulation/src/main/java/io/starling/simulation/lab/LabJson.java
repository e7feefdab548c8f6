package io.starling.simulation.lab;

import io.starling.simulation.check.Checks.Finding;
import io.starling.simulation.json.JsonObject;
import io.starling.simulation.script.Regions;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;

/// A result as JSON.
final class LabJson {

  private LabJson() {}

  static String of(LabResult result) {
    var report = result.report();
    var plan = report.plan();
    var regions = plan.script().regions();
    var json = new JsonObject();
    json.text("reproduce", plan.command());
    json.number("seed", plan.seed());
    json.text("workload", plan.workload().label());
    json.number("durationMillis", plan.duration().toMillis());
    json.raw("ok", Boolean.toString(report.isOk()));
    report.failure().ifPresent(failure -> json.text("failure", failure));
    json.raw("regions", texts(regions.names()));
    var nodes = IntStream.range(0, plan.nodes()).boxed().toList();
    json.raw("nodes", array(nodes, node -> node(node, regions)));
    json.raw("steps", array(plan.script().steps(), step -> JsonObject.quoted(step.text())));
    json.number("written", result.written());
    json.number("refused", result.refused());
    json.number("notTaken", result.notTaken());
    json.number("slowestWriteMillis", result.slowestMillis());
    var bytes = new JsonObject();
    result.bytes().forEach(bytes::number);
    json.raw("bytes", bytes.toString());
    json.raw("healings", array(result.healings(), LabJson::healing));
    json.number("sampleMillis", result.everyMillis());
    json.raw("samples", array(result.samples(), sample -> sample(sample, result)));
    json.raw("checks", array(report.findings(), LabJson::check));
    var counts = new JsonObject();
    report.counts().forEach(counts::number);
    json.raw("counts", counts.toString());
    json.text("traceHash", report.traceHash());
    return json.toString();
  }

  private static String node(int node, Regions regions) {
    var json = new JsonObject();
    json.text("name", regions.name(node));
    json.text("region", regions.region(node));
    return json.toString();
  }

  private static String healing(Healing healing) {
    var json = new JsonObject();
    json.text("step", healing.step());
    json.number("fromMillis", healing.fromMillis());
    json.number("untilMillis", healing.untilMillis());
    json.raw(
        "convergedMillis",
        healing.convergedMillis().isPresent()
            ? Long.toString(healing.convergedMillis().getAsLong())
            : "null");
    json.raw("oneWay", Boolean.toString(healing.isOneWay()));
    json.raw("sides", array(healing.sides(), LabJson::side));
    json.number("conflictsAll", healing.conflictsAll());
    json.raw("conflicts", array(healing.conflicts(), LabJson::conflict));
    return json.toString();
  }

  private static String side(Healing.Side side) {
    var json = new JsonObject();
    json.raw("nodes", texts(side.nodes()));
    json.number("written", side.written());
    json.number("lacked", side.lacked());
    return json.toString();
  }

  private static String conflict(Healing.Conflict conflict) {
    var json = new JsonObject();
    json.text("key", conflict.key());
    json.text("type", conflict.type());
    json.text("before", conflict.before());
    json.raw("sides", texts(conflict.sides()));
    json.text("merged", conflict.merged());
    json.text("rule", conflict.rule());
    return json.toString();
  }

  private static String sample(Sample sample, LabResult result) {
    var json = new JsonObject();
    json.number("atMillis", sample.atMillis());
    json.raw(
        "states",
        array(
            sample.nodes(),
            node -> JsonObject.quoted(node.state().name().toLowerCase(Locale.ROOT))));
    json.raw("lacks", array(sample.nodes(), node -> Long.toString(node.lacks())));
    json.raw("written", array(sample.nodes(), node -> Long.toString(node.written())));
    json.raw("refused", array(sample.nodes(), node -> Long.toString(node.refused())));
    var names = result.report().plan().script().regions().names();
    var links = new JsonObject();
    var pairs = result.pairs();
    for (int i = 0; i < pairs.size(); i++) {
      var pair = pairs.get(i);
      links.number(names.get(pair.one()) + "-" + names.get(pair.other()), sample.cutLinks().get(i));
    }
    json.raw("cutLinksPerMille", links.toString());
    var bytes = new JsonObject();
    sample.bytes().forEach(bytes::number);
    json.raw("bytes", bytes.toString());
    return json.toString();
  }

  private static String check(Finding finding) {
    var json = new JsonObject();
    json.text("name", finding.name());
    json.number("evaluations", finding.evaluations());
    json.raw("ok", Boolean.toString(finding.isOk()));
    return json.toString();
  }

  private static String texts(List<String> texts) {
    return array(texts, JsonObject::quoted);
  }

  private static <T> String array(List<T> items, Function<T, String> text) {
    return JsonObject.array(items.stream().map(text).toList());
  }
}

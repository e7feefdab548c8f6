package io.starling.simulation.lab;

import static io.starling.simulation.lab.Chart.escaped;

import io.starling.simulation.Plan;
import io.starling.simulation.check.Checks.Finding;
import io.starling.simulation.lab.Chart.Band;
import io.starling.simulation.script.Regions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/// A result as one page of HTML with nothing beside it.
final class LabPage {

  private static final int ROW = 14;
  private static final int CHART = 160;

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ink: #1d2430; --soft: #5b6675; --paper: #fff; --line: #d9dee6;
        --band: #f6d9d5; --up: #3a7d5c; --down: #c0392b; --paused: #b8860b; --cut: #c0392b;
        --c0: #1f6fb2; --c1: #b4500e; --c2: #3a7d5c; --c3: #7d4fb3; --c4: #a33a6f; --c5: #4d6b1d; --c6: #157a86; --c7: #6b5b2e; }
      @media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #a3aebd; --paper: #12161c; --line: #333c49;
        --band: #43211f; --up: #58b58a; --down: #f0796b; --paused: #e2b340; --cut: #f0796b;
        --c0: #6db3ee; --c1: #f0945a; --c2: #6fcf9f; --c3: #bd96ee; --c4: #ea87b6; --c5: #a9c96a; --c6: #5cc6d3; --c7: #c9b883; } }
      body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
      h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.1rem; margin-top: 2.2rem; }
      p.lead { font-size: 1.05rem; } .soft, caption { color: var(--soft); }
      svg { width: 100%; min-width: 40rem; height: auto; display: block; } .scroll { overflow-x: auto; }
      .axis { font-size: 11px; fill: var(--soft); } .grid { stroke: var(--line); } .band { fill: var(--band); }
      .s1 { stroke-dasharray: 7 3; } .s2 { stroke-dasharray: 2 3; } .s3 { stroke-dasharray: 9 3 2 3; } .s4 { stroke-dasharray: 4 4; } .s5 { stroke-dasharray: 12 4; } .s6 { stroke-dasharray: 1 4; } .s7 { stroke-dasharray: 9 3 2 3 2 3; }
      .line { fill: none; stroke-width: 2; } .up { fill: var(--up); } .down { fill: var(--down); } .paused { fill: var(--paused); } .cut { fill: var(--cut); } .whole { fill: var(--line); }
      .s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); } .s2 { stroke: var(--c2); } .s3 { stroke: var(--c3); } .s4 { stroke: var(--c4); } .s5 { stroke: var(--c5); } .s6 { stroke: var(--c6); } .s7 { stroke: var(--c7); }
      svg.key { display: inline-block; width: 2.4em; min-width: 0; height: 6px; vertical-align: middle; margin: 0 .4em 0 1em; }
      .k0 { background: var(--c0); } .k1 { background: var(--c1); } .k2 { background: var(--c2); } .k3 { background: var(--c3); } .k4 { background: var(--c4); } .k5 { background: var(--c5); } .k6 { background: var(--c6); } .k7 { background: var(--c7); }
      table { border-collapse: collapse; width: 100%; font-size: 14px; } caption { text-align: left; padding-bottom: .4rem; }
      th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); } td.n, th.n { text-align: right; }
      code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; } td code { white-space: nowrap; }
      """;

  private final LabResult result;
  private final Plan plan;
  private final Regions regions;
  private final List<Band> bands;
  private final long endMillis;
  private final StringBuilder page = new StringBuilder();

  LabPage(LabResult result) {
    this.result = result;
    this.plan = result.report().plan();
    this.regions = plan.script().regions();
    this.bands =
        result.healings().stream()
            .map(healing -> new Band(healing.fromMillis(), healing.untilMillis()))
            .toList();
    this.endMillis =
        Math.max(
            plan.duration().toMillis(),
            result.samples().isEmpty() ? 0 : result.samples().getLast().atMillis());
  }

  String html() {
    page.append("<!doctype html><html lang='en'><head><meta charset='utf-8'>")
        .append("<meta name='viewport' content='width=device-width, initial-scale=1'>")
        .append("<title>What a partition costs: Starling</title><style>")
        .append(STYLE)
        .append("</style></head><body>");
    headline();
    timeline();
    lacks();
    writes();
    result.healings().forEach(this::healing);
    bytes();
    checks();
    return page.append("</body></html>\n").toString();
  }

  private void headline() {
    page.append(String.format(Locale.ROOT, "<h1>%s</h1>", escaped(title())));
    page.append(String.format(Locale.ROOT, "<p class='lead'>%s</p>", escaped(summary())));
    page.append(
        String.format(
            Locale.ROOT,
            "<p class='soft'>%d nodes in %d region%s, %s of virtual time, workload “%s”, seed %d. "
                + "Shaded: somebody was cut off. Made by <code>%s</code></p>",
            plan.nodes(),
            regions.names().size(),
            regions.names().size() == 1 ? "" : "s",
            seconds(plan.duration().toMillis()),
            plan.workload().label(),
            plan.seed(),
            escaped(plan.command())));
  }

  private String title() {
    if (!result.report().isOk()) {
      return "A check failed: " + result.report().failure().orElse("");
    }
    int count = result.healings().size();
    return switch (count) {
      case 0 -> "No partition was asked for, and all nodes are the same";
      case 1 -> "One partition, and all nodes are the same again";
      default -> count + " partitions, and all nodes are the same again";
    };
  }

  private String summary() {
    var text = new StringBuilder();
    text.append("Clients wrote ")
        .append(grouped(result.written()))
        .append(" times; each write was acknowledged by the node that took it, the slowest after ")
        .append(result.slowestMillis())
        .append(result.healings().isEmpty() ? " ms. " : " ms, also while the network was apart. ");
    if (result.refused() > 0) {
      text.append(grouped(result.refused()))
          .append(" were refused, or not answered since their node stopped. ");
    }
    if (result.notTaken() > 0) {
      text.append(grouped(result.notTaken()))
          .append(" of the script were taken by nobody, for their node was down. ");
    }
    for (var healing : result.healings()) {
      text.append("From ")
          .append(seconds(healing.fromMillis()))
          .append(" to ")
          .append(seconds(healing.untilMillis()))
          .append(' ')
          .append(apart(healing))
          .append("; ");
      healing
          .convergedMillis()
          .ifPresentOrElse(
              millis ->
                  text.append(seconds(millis))
                      .append(" after that every node had all that was written meanwhile"),
              () -> text.append("when the run ended some had not all of it yet"));
      text.append(", and ")
          .append(healing.conflictsAll())
          .append(healing.conflictsAll() == 1 ? " key" : " keys")
          .append(" that had been changed on several sides came to one value on all. ");
    }
    if (result.report().isOk()) {
      text.append("No acknowledged write was lost, and nothing that was deleted came back.");
    }
    return text.toString();
  }

  private String apart(Healing healing) {
    var names = healing.sides().stream().map(this::name).toList();
    return healing.isOneWay()
        ? "what " + names.getFirst() + " sent did not reach " + names.getLast()
        : String.join(" and ", names) + " could not reach each other";
  }

  /// The regions of a side if it is made of whole ones, else its nodes.
  private String name(Healing.Side side) {
    var named = new ArrayList<String>();
    var rest = new ArrayList<>(side.nodes());
    for (int region = 0; region < regions.names().size(); region++) {
      var all = regions.names(regions.nodesOf(region));
      if (rest.containsAll(all)) {
        named.add(regions.names().get(region));
        rest.removeAll(all);
      }
    }
    named.addAll(rest);
    return String.join("+", named);
  }

  private void timeline() {
    page.append("<h2>Nodes and links</h2>");
    if (!plan.script().steps().isEmpty()) {
      page.append("<p>What was asked for:</p><ul>");
      for (var step : plan.script().steps()) {
        page.append("<li><code>").append(escaped(step.text())).append("</code>");
      }
      page.append("</ul>");
    }
    var cut = everCut();
    int rows = plan.nodes() + cut.size();
    var chart =
        new Chart(
            endMillis,
            rows * ROW,
            bands,
            "For each node when it was up, and for each pair of regions when their links were cut");
    for (int node = 0; node < plan.nodes(); node++) {
      int row = node;
      chart.label(row * ROW + 11, regions.name(node));
      runs(
          sample -> sample.nodes().get(row).state().ordinal(),
          (from, to, state) -> {
            var name = Sample.State.values()[(int) state].name().toLowerCase(Locale.ROOT);
            chart.bar(name, from, to, row * ROW + 3, ROW - 6, regions.name(row) + " is " + name);
          });
    }
    for (int i = 0; i < cut.size(); i++) {
      int pair = cut.get(i);
      int y = (plan.nodes() + i) * ROW;
      var name = pairName(pair);
      chart.label(y + 11, name);
      runs(
          sample -> sample.cutLinks().get(pair) > 0 ? 1 : 0,
          (from, to, isCut) ->
              chart.bar(
                  isCut > 0 ? "cut" : "whole",
                  from,
                  to,
                  y + 5,
                  4,
                  "links " + name + (isCut > 0 ? " are cut" : " are whole")));
    }
    page.append(String.format(Locale.ROOT, "<div class='scroll'>%s</div>", chart.svg()));
    page.append(
        "<p class='soft'>Thick bars are nodes, green while they are up. Thin bars are the links between regions, "
            + "red while some are cut.</p>");
  }

  private String pairName(int pair) {
    var ends = result.pairs().get(pair);
    return regions.names().get(ends.one()) + "–" + regions.names().get(ends.other());
  }

  private List<Integer> everCut() {
    var cut = new ArrayList<Integer>();
    for (int pair = 0; pair < result.pairs().size(); pair++) {
      int index = pair;
      if (result.samples().stream().anyMatch(sample -> sample.cutLinks().get(index) > 0)) {
        cut.add(pair);
      }
    }
    return cut;
  }

  private interface RunVisitor {
    void visit(long fromMillis, long toMillis, long value);
  }

  /// Visits spans in which a value stays the same.
  private void runs(ToLongFunction<Sample> value, RunVisitor visitor) {
    var samples = result.samples();
    int begin = 0;
    for (int i = 1; i <= samples.size(); i++) {
      boolean isEnd =
          i == samples.size()
              || value.applyAsLong(samples.get(i)) != value.applyAsLong(samples.get(begin));
      if (isEnd) {
        long to = i == samples.size() ? endMillis : samples.get(i).atMillis();
        visitor.visit(samples.get(begin).atMillis(), to, value.applyAsLong(samples.get(begin)));
        begin = i;
      }
    }
  }

  private void lacks() {
    page.append("<h2>What nodes had not heard of yet</h2>");
    var lines = new ArrayList<List<Double>>();
    for (int region = 0; region < regions.names().size(); region++) {
      var nodes = regions.nodesOf(region);
      lines.add(
          result.samples().stream()
              .map(sample ->
                  (double)
                      nodes.stream()
                          .mapToLong(node -> sample.nodes().get(node).lacks())
                          .max()
                          .orElse(0))
              .toList());
    }
    chart(lines, "batches that are somewhere and not there (of the node that lacks most)");
    page.append(
        "<p class='soft'>While a region is cut off it misses what the others write, and they miss what it writes; "
            + "both go on working with what they have. When the link is back the line falls to zero.</p>");
  }

  private void writes() {
    page.append("<h2>Writes acknowledged</h2>");
    double perSecond = 1_000.0 / result.everyMillis();
    var lines = new ArrayList<List<Double>>();
    for (int region = 0; region < regions.names().size(); region++) {
      var nodes = regions.nodesOf(region);
      lines.add(
          smooth(
              result.samples().stream()
                  .map(sample ->
                      perSecond
                          * nodes.stream()
                              .mapToLong(node -> sample.nodes().get(node).written())
                              .sum())
                  .toList()));
    }
    chart(lines, "a second");
    page.append("<p class='soft'>A node takes writes whether or not it reaches others.</p>");
  }

  /// The mean over a second or so, for single writes make a line that nobody can read.
  private List<Double> smooth(List<Double> values) {
    int reach = (int) Math.max(1, 1_000 / result.everyMillis());
    var smooth = new ArrayList<Double>();
    for (int i = 0; i < values.size(); i++) {
      var near = values.subList(Math.max(0, i - reach), Math.min(values.size(), i + reach + 1));
      smooth.add(near.stream().mapToDouble(it -> it).average().orElse(0));
    }
    return smooth;
  }

  private void chart(List<List<Double>> lines, String unit) {
    double most =
        Chart.niceMost(lines.stream().flatMap(List::stream).mapToDouble(it -> it).max().orElse(1));
    var chart = new Chart(endMillis, CHART, bands, unit + ", by region, over time");
    chart.valueAxis(most, unit);
    var at = result.samples().stream().map(Sample::atMillis).toList();
    for (int i = 0; i < lines.size(); i++) {
      chart.line("s" + i, at, lines.get(i), most);
    }
    page.append(
        String.format(Locale.ROOT, "<div class='scroll'>%s</div><p class='soft'>", chart.svg()));
    for (int i = 0; i < lines.size(); i++) {
      page.append(
          String.format(
              Locale.ROOT,
              "<svg class='key' viewBox='0 0 34 6' aria-hidden='true'><line class='line s%d' x1='0' x2='34' y1='3' y2='3'/></svg>%s",
              i,
              escaped(regions.names().get(i))));
    }
    page.append("</p>");
  }

  private void healing(Healing healing) {
    page.append(String.format(Locale.ROOT, "<h2>%s</h2>", escaped(healing.step())));
    page.append(
        "<table><caption>When it ended</caption><tr><th scope='col'>side<th scope='col' class='n'>writes acknowledged meanwhile"
            + "<th scope='col' class='n'>batches it lacked</tr>");
    for (var side : healing.sides()) {
      page.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%s<td class='n'>%s<td class='n'>%s</tr>",
              escaped(name(side)),
              grouped(side.written()),
              grouped(side.lacked())));
    }
    page.append("</table>");
    page.append(
        String.format(
            Locale.ROOT,
            "<p>%s</p>",
            healing.convergedMillis().isPresent()
                ? "Every node that was up had all of it "
                    + seconds(healing.convergedMillis().getAsLong())
                    + " after the end. That includes the time that nodes take to notice that a link is back, here up to 2 s."
                : "The run ended before every node had all of it."));
    conflicts(healing);
  }

  private void conflicts(Healing healing) {
    if (healing.conflicts().isEmpty()) {
      page.append("<p>No key was changed on more than one side.</p>");
      return;
    }
    int shown = healing.conflicts().size();
    page.append(
        String.format(
            Locale.ROOT,
            "<div class='scroll'><table><caption>Keys that were changed on several sides%s</caption><tr><th scope='col'>key<th scope='col'>before",
            shown < healing.conflictsAll()
                ? ": the first " + shown + " of " + healing.conflictsAll()
                : ""));
    healing
        .sides()
        .forEach(side ->
            page.append(String.format(Locale.ROOT, "<th scope='col'>in %s", escaped(name(side)))));
    page.append("<th scope='col'>together<th scope='col'>why</tr>");
    for (var conflict : healing.conflicts()) {
      page.append(
          String.format(
              Locale.ROOT,
              "<tr><td><code>%s</code><br><span class='soft'>%s</span><td>%s",
              escaped(conflict.key()),
              escaped(conflict.type()),
              escaped(conflict.before())));
      conflict
          .sides()
          .forEach(side -> page.append(String.format(Locale.ROOT, "<td>%s", escaped(side))));
      page.append(
          String.format(
              Locale.ROOT,
              "<td><b>%s</b><td>%s</tr>",
              escaped(conflict.merged()),
              escaped(conflict.rule())));
    }
    page.append("</table></div>");
  }

  private void bytes() {
    page.append("<h2>What went over the network</h2>");
    var bytes = new TreeMap<>(result.bytes());
    long all = bytes.values().stream().mapToLong(it -> it).sum();
    page.append(
        "<table><caption>Bytes that all nodes sent, by kind of message</caption><tr><th scope='col'>kind<th scope='col' class='n'>bytes"
            + "<th scope='col' class='n'>share</tr>");
    bytes.forEach((kind, count) ->
        page.append(
            String.format(
                Locale.ROOT,
                "<tr><td>%s<td class='n'>%s<td class='n'>%.1f %%</tr>",
                kind,
                grouped(count),
                100.0 * count / Math.max(1, all))));
    page.append(
        String.format(
            Locale.ROOT, "<tr><td>all<td class='n'>%s<td class='n'></tr></table>", grouped(all)));
  }

  private void checks() {
    page.append("<h2>What was checked</h2>");
    page.append(
        "<div class='scroll'><table><caption>All the time, against a model that knows everything that was ever written"
            + "</caption><tr><th scope='col'>check<th scope='col' class='n'>times<th scope='col'>held</tr>");
    for (Finding finding : result.report().findings()) {
      page.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%s<td class='n'>%s<td>%s</tr>",
              escaped(finding.name()),
              grouped(finding.evaluations()),
              finding.isOk() ? "yes" : "NO"));
    }
    page.append("</table></div>");
  }

  private static String seconds(long millis) {
    return millis < 1_000
        ? millis + " ms"
        : String.format(Locale.ROOT, millis % 1_000 == 0 ? "%.0f s" : "%.1f s", millis / 1_000.0);
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', '\u202f');
  }
}

package io.starling.simulation.lab;

import io.starling.simulation.Report;
import io.starling.simulation.script.ScriptPlayer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// All that was seen in a run.
///
/// @param everyMillis how far samples are apart
/// @param slowestMillis the longest that a write of a client took until it was acknowledged, in
///   virtual time
public record LabResult(
    Report report,
    long everyMillis,
    List<Sample> samples,
    List<Healing> healings,
    long slowestMillis) {

  /// One page for people, with nothing beside it: no script, style, font or picture is loaded.
  public String html() {
    return new LabPage(this).html();
  }

  /// The same as one JSON object.
  public String json() {
    return LabJson.of(this);
  }

  /// Pairs of regions, each with itself too, as their indexes.
  public List<Pair> pairs() {
    return pairs(report.plan().script().regions().names().size());
  }

  static List<Pair> pairs(int regions) {
    var pairs = new ArrayList<Pair>();
    for (int one = 0; one < regions; one++) {
      for (int other = one; other < regions; other++) {
        pairs.add(new Pair(one, other));
      }
    }
    return pairs;
  }

  public record Pair(int one, int other) {}

  /// Writes of clients that were acknowledged.
  long written() {
    return samples.stream()
        .flatMap(sample -> sample.nodes().stream())
        .mapToLong(Sample.NodeSample::written)
        .sum();
  }

  /// Writes of clients that were refused, or lost with their node.
  long refused() {
    return samples.stream()
        .flatMap(sample -> sample.nodes().stream())
        .mapToLong(Sample.NodeSample::refused)
        .sum();
  }

  /// Writes of the script to nodes that were down.
  long notTaken() {
    return report.counts().getOrDefault(ScriptPlayer.NOT_TAKEN, 0L);
  }

  /// Bytes that all nodes have sent, by kind of message.
  SortedMap<String, Long> bytes() {
    var all = new TreeMap<String, Long>();
    samples.forEach(
        sample -> sample.bytes().forEach((kind, bytes) -> all.merge(kind, bytes, Long::sum)));
    return all;
  }
}

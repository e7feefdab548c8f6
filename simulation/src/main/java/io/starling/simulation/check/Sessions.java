package io.starling.simulation.check;

import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.read.View;
import io.starling.replica.message.Token;
import io.starling.replica.request.Outcome;
import io.starling.simulation.workload.ReadObserver;
import io.starling.simulation.workload.Session;
import io.starling.simulation.workload.Workload;
import io.starling.simulation.world.SimulatedSpace;
import java.util.TreeMap;

/// Whoever carries a token finds behind it, on any node, all it has read and written: read your
/// writes, monotonic reads, writes follow reads.
final class Sessions implements Check, ReadObserver {

  private static final int LAST = 16;

  private final Model model;
  private final Workload workload;
  private final TreeMap<String, VersionVector> read = new TreeMap<>();
  private final Evaluations evaluations = new Evaluations("I9 a token holds what it promises");

  Sessions(Model model, Workload workload) {
    this.model = model;
    this.workload = workload;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void answered(SimulatedSpace space, long submission, Outcome outcome) {
    if (!(outcome instanceof Outcome.Committed(var token, int operations, _)) || operations == 0) {
      return;
    }
    var chronicle = model.chronicle(space);
    var vector = chronicle.vector(token);
    var request = workload.request(submission);
    if (request.isEmpty()) {
      return;
    }
    var dots = chronicle.done(request.get().principal());
    evaluations.require(
        dots.size() == 1 && vector.covers(dots.getFirst()),
        () ->
            space + " acknowledged request " + submission + " with a token that does not cover it");
    var entry = chronicle.find(dots.getFirst().replica(), dots.getFirst().seq()).orElseThrow();
    evaluations.require(
        vector.covers(entry.context()),
        () -> space + " acknowledged request " + submission + " without what it saw");
  }

  @Override
  public void read(Session session, SimulatedSpace space, String key, View view, Token token) {
    var vector = model.chronicle(space).vector(token);
    boolean isForked = model.chronicle(space).isForked();
    var before = read.getOrDefault(session.toString(), VersionVector.EMPTY);
    evaluations.require(
        model.covers(vector, before, isForked),
        () -> session + " reads at " + space + " less than it has read before");
    session
        .seen()
        .ifPresent(seen ->
            evaluations.require(
                model.covers(vector, model.chronicle(space).vector(seen), isForked),
                () -> session + " reads at " + space + " less than its token holds"));
    read.put(session.toString(), vector);
    var written = session.written();
    for (long id : written.subList(Math.max(0, written.size() - LAST), written.size())) {
      var principal = workload.request(id).orElseThrow().principal();
      evaluations.require(
          model.chronicle(space).done(principal).stream()
              .anyMatch(dot -> vector.covers(dot) || model.isForked(dot.replica())),
          () -> session + " does not find its request " + id + " at " + space);
    }
  }
}

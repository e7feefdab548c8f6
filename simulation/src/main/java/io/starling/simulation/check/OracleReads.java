package io.starling.simulation.check;

import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.Path;
import io.starling.crdt.read.View;
import io.starling.replica.message.Token;
import io.starling.simulation.workload.ReadObserver;
import io.starling.simulation.workload.Session;
import io.starling.simulation.workload.Workload;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.util.TreeSet;

/// What is read is what the whole history, seen from the reader's vector, means: nothing removed is
/// seen, nothing unremoved is missed. Each read of a client, and at the end every key on every
/// node.
final class OracleReads implements Check, ReadObserver {

  private static final int PAGE = 7;

  private final Model model;
  private final Evaluations evaluations = new Evaluations("I7 reads are what the history means");

  OracleReads(Model model) {
    this.model = model;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void read(Session session, SimulatedSpace space, String key, View view, Token token) {
    compare(space, key, view, model.chronicle(space).vector(token));
  }

  @Override
  public void converged(World world) {
    for (var node : world.present()) {
      node.spaces().forEach(this::compareAll);
    }
  }

  private void compareAll(SimulatedSpace space) {
    var chronicle = model.chronicle(space);
    var reader = space.reader();
    var vector = chronicle.vector(reader.token());
    var live = chronicle.history().liveKeys(vector);
    var listed = new TreeSet<String>();
    var page = reader.keys("", "", PAGE);
    listed.addAll(page.keys());
    while (page.more()) {
      page = reader.keys("", page.keys().getLast(), PAGE);
      listed.addAll(page.keys());
    }
    evaluations.require(
        listed.equals(live), () -> space + " lists the keys " + listed + ", alive are " + live);
    for (var key : live) {
      compare(space, key, reader.view(Path.of(key), Workload.ELEMENTS_MAX), vector);
    }
  }

  private void compare(SimulatedSpace space, String key, View view, VersionVector vector) {
    var chronicle = model.chronicle(space);
    var wanted = chronicle.history().view(Path.of(key), vector);
    evaluations.require(
        chronicle.isForked() ? Unnamed.of(view).equals(Unnamed.of(wanted)) : view.equals(wanted),
        () -> space + " reads " + key + " as " + view + ", the history means " + wanted);
  }
}

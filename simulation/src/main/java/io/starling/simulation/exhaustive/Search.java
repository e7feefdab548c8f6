package io.starling.simulation.exhaustive;

import io.starling.simulation.exhaustive.Outcome.Story;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A breadth first search of all that three replicas of a data type can come to.
///
/// In each state any replica may make any update of the type, receive the next transaction of
/// another, or join the state of another, within a [Bound]. A state is what the three hold and the
/// transactions that not all of them have seen; one that was visited before, or is the same but for
/// the names of the replicas, is not looked at again. States are known by 64 bits of a hash of
/// their canonical bytes (as in Holzmann's hash compaction, and TLC): of ten million, two are taken
/// for one with a probability of 3 in a million.
///
/// Since the search is breadth first, the history that it tells of a flaw is one of the shortest.
///
/// Memory: about a hundred bytes for each state visited. Not thread-safe.
///
/// ```
/// Looked at, for each       that
/// state of a replica        its bytes are read back as they were; joined with itself it is itself
/// two of them               their join is the same either way, contains both, brings nothing back
/// transaction applied       the join with its delta gives the same; it brings nothing back
/// three of them             their join is the same in any order, and what one gets who receives
///                           all transactions instead
/// read                      it is what the oracle makes of the operations seen; a removal names
///                           what the oracle says it has seen
/// ```
public final class Search {

  private static final int REPLICAS = Renaming.REPLICAS.size();
  private static final int UPDATE = 0;
  private static final int DELIVERY = 1;
  private static final int JOIN = 2;

  private final DataType type;
  private final Bound bound;
  private final List<Renaming> renamings;
  private final Catalogue catalogue;
  private final Histories histories;

  private final LongTable visited = new LongTable();
  private final List<Ints> held = List.of(new Ints(), new Ints(), new Ints());
  private final Ints history = new Ints();
  private final Ints transfers = new Ints();
  private final Ints parents = new Ints();
  private final Ints steps = new Ints();

  /// The step that is being looked at, from the state that is expanded.
  private int parent;

  private int step;

  /// Whether that step has led to a state, the last one.
  private boolean isReached;

  private Search(DataType type, Bound bound, Algebra algebra) {
    this.type = type;
    this.bound = bound;
    this.renamings = type.isSymmetric() ? Renaming.ALL : Renaming.ALL.subList(0, 1);
    this.catalogue = new Catalogue(type, algebra, renamings);
    this.histories = new Histories(type, algebra, catalogue);
  }

  /// Searches up to a bound, or up to the first flaw.
  public static Outcome run(DataType type, Bound bound, Algebra algebra) {
    return new Search(type, bound, algebra).run();
  }

  private Outcome run() {
    try {
      int bottom = catalogue.bottom();
      reach(new int[] {bottom, bottom, bottom}, histories.empty(), 0);
      for (int at = 0; at < parents.size(); at++) {
        expand(at);
      }
    } catch (Flaw flaw) {
      return outcome(Optional.of(story(flaw)));
    }
    return outcome(Optional.empty());
  }

  private Outcome outcome(Optional<Story> flaw) {
    return new Outcome(
        type, bound, parents.size(), catalogue.size(), catalogue.joins(), histories.reads(), flaw);
  }

  private void expand(int at) {
    parent = at;
    int[] from = {held.get(0).get(at), held.get(1).get(at), held.get(2).get(at)};
    int past = history.get(at);
    int moved = transfers.get(at);
    if (histories.batches(past).length < bound.updates()) {
      update(from, past, moved);
    }
    if (moved < bound.transfers()) {
      deliver(from, past, moved + 1);
      join(from, past, moved + 1);
    }
  }

  private void update(int[] from, int past, int moved) {
    for (int replica = 0; replica < REPLICAS; replica++) {
      for (int update = 0; update < type.updates().size(); update++) {
        begin(UPDATE, replica, update);
        int batch = catalogue.make(from[replica], replica, update);
        int after = catalogue.apply(from[replica], batch);
        reach(with(from, replica, after), histories.with(past, batch), moved);
      }
    }
  }

  private void deliver(int[] from, int past, int moved) {
    for (int batch : histories.batches(past)) {
      for (int replica = 0; replica < REPLICAS; replica++) {
        if (catalogue.canApply(from[replica], batch)) {
          begin(DELIVERY, replica, batch);
          reach(with(from, replica, catalogue.apply(from[replica], batch)), past, moved);
        }
      }
    }
  }

  private void join(int[] from, int past, int moved) {
    for (int replica = 0; replica < REPLICAS; replica++) {
      for (int other = 0; other < REPLICAS; other++) {
        if (from[replica] != from[other]) {
          begin(JOIN, replica, other);
          reach(with(from, replica, catalogue.join(from[replica], from[other])), past, moved);
        }
      }
    }
  }

  private void reach(int[] now, int past, int moved) {
    boolean isNew = visited.put(print(now, past), 0);
    if (isNew) {
      keep(now, past, moved);
    }
    // Of each history, of those too that come to a state that was visited before.
    for (int state : now) {
      histories.check(past, state);
    }
    if (isNew) {
      check(now, past);
    }
  }

  private void keep(int[] now, int past, int moved) {
    for (int replica = 0; replica < REPLICAS; replica++) {
      held.get(replica).add(now[replica]);
    }
    history.add(past);
    transfers.add(moved);
    parents.add(parent);
    steps.add(step);
    isReached = true;
  }

  private void check(int[] now, int past) {
    for (int mine : now) {
      for (int other : now) {
        Catalogue.requireEqual(
            "the join, beside the transactions it brings, applied",
            catalogue.state(catalogue.join(mine, other)),
            catalogue.state(receive(mine, other, past)));
      }
    }
    int all = catalogue.join(catalogue.join(now[0], now[1]), now[2]);
    var meant = catalogue.state(all);
    var other = catalogue.join(now[0], catalogue.join(now[1], now[2]));
    Catalogue.requireEqual("all joined in another order", catalogue.state(other), meant);
    other = catalogue.join(catalogue.join(now[0], now[2]), now[1]);
    Catalogue.requireEqual("all joined in another order", catalogue.state(other), meant);
    for (int mine : now) {
      Catalogue.requireEqual(
          "all transactions received", catalogue.state(receive(mine, all, past)), meant);
    }
    histories.check(past, all);
  }

  /// What one holds who receives all transactions that another has seen.
  private int receive(int mine, int other, int past) {
    int state = mine;
    for (int batch : histories.batches(past)) {
      if (catalogue.covers(other, batch) && !catalogue.covers(state, batch)) {
        state = catalogue.apply(state, batch);
      }
    }
    return state;
  }

  /// The least fingerprint of a state under all names of its replicas.
  private long print(int[] now, int past) {
    long least = Long.MAX_VALUE;
    for (int renaming = 0; renaming < renamings.size(); renaming++) {
      long print = 0;
      for (int replica = 0; replica < REPLICAS; replica++) {
        int name = renamings.get(renaming).to().get(replica);
        print = print + LongTable.spread(catalogue.print(now[replica], renaming) + name);
      }
      for (int batch : histories.batches(past)) {
        if (isUnderWay(batch, now)) {
          print = print + LongTable.spread(~catalogue.batchPrint(batch, renaming));
        }
      }
      least = Math.min(least, print);
    }
    return least;
  }

  private boolean isUnderWay(int batch, int[] now) {
    return !catalogue.covers(now[0], batch)
        || !catalogue.covers(now[1], batch)
        || !catalogue.covers(now[2], batch);
  }

  private static int[] with(int[] held, int replica, int state) {
    var now = held.clone();
    now[replica] = state;
    return now;
  }

  private void begin(int kind, int replica, int what) {
    step = (what << 2 | replica) << 2 | kind;
    isReached = false;
  }

  private Story story(Flaw flaw) {
    var told = new ArrayList<String>();
    told.add(told(step) + (isReached ? reading(parents.size() - 1, step) : ""));
    for (int at = parent; at > 0; at = parents.get(at)) {
      told.add(told(steps.get(at)) + reading(at, steps.get(at)));
    }
    return new Story(told.reversed(), String.valueOf(flaw.getMessage()));
  }

  /// What the replica reads that has done a step.
  private String reading(int at, int step) {
    var state = catalogue.state(held.get(replica(step)).get(at));
    return ", reads " + Telling.value(histories.read(state));
  }

  private static int replica(int step) {
    return step >> 2 & 3;
  }

  private String told(int step) {
    int kind = step & 3;
    int replica = replica(step);
    int what = step >> 4;
    var who = Telling.replica(replica);
    return switch (kind) {
      case UPDATE -> who + " " + Telling.update(type.updates().get(what));
      case DELIVERY -> who + " receives " + Telling.of(catalogue.batch(what).dot(0));
      case JOIN -> who + " joins what " + Telling.replica(what) + " holds";
      default -> throw new AssertionError("a step of no kind " + kind);
    };
  }
}

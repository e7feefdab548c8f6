package io.starling.crdt.cell;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.store.DotFun;
import io.starling.crdt.store.DotStore;
import io.starling.crdt.store.Unit;

/// The content of a cell.
public sealed interface Cell extends DotStore<Cell> {

  /// Whether readers see something: false for a cell that is empty or only remembers what was
  /// reset.
  boolean isLive();

  /// Dots whose presence says all: an element of a set, a flag, the mark of a map.
  record Presence(DotFun<Unit> dots) implements Cell {
    @Override
    public boolean isEmpty() {
      return dots.isEmpty();
    }

    @Override
    public boolean isLive() {
      return !isEmpty();
    }

    @Override
    public Cell join(CausalContext mine, Cell that, CausalContext theirs) {
      return new Presence(dots.join(mine, ((Presence) that).dots, theirs));
    }

    @Override
    public Cell joinAbsent(CausalContext theirs) {
      return new Presence(dots.joinAbsent(theirs));
    }
  }

  /// Dots of two kinds, where one that says removed hides all that say added: an element of a
  /// remove-wins set, a disable-wins flag.
  ///
  /// An operation on the flag or element takes the place of all dots that it has seen, of both
  /// kinds. What is done from above, to the map or key that holds it, takes those that say added
  /// only: else a clear that has seen a removal would let a concurrent add through that the removal
  /// was to hide.
  ///
  /// Reference: Bieniusa et al., An Optimized Conflict-free Replicated Set (2012), for the add-wins
  /// set; Baquero et al. (2017) for removals that are kept until they are obsolete. Departure: a
  /// removal is kept until it is replaced, not until it is causally stable, so that it holds
  /// against whoever comes back after any absence.
  record Contested(DotFun<Mark> marks) implements Cell {
    @Override
    public boolean isEmpty() {
      return marks.isEmpty();
    }

    @Override
    public boolean isLive() {
      return !isEmpty() && !marks.entries().containsValue(Mark.REMOVED);
    }

    /// The cell after an operation that says `mark`.
    public Contested with(CausalContext seen, Dot dot, Mark mark) {
      return new Contested(marks.joinAbsent(seen).with(dot, mark));
    }

    @Override
    public Cell without(CausalContext removed) {
      return new Contested(
          marks.without(dot -> marks.entries().get(dot) == Mark.ADDED && removed.covers(dot)));
    }

    @Override
    public Cell join(CausalContext mine, Cell that, CausalContext theirs) {
      return new Contested(marks.join(mine, ((Contested) that).marks, theirs));
    }

    @Override
    public Cell joinAbsent(CausalContext theirs) {
      return new Contested(marks.joinAbsent(theirs));
    }
  }

  /// The concurrent values of a register.
  record Register(DotFun<Assignment> values) implements Cell {
    @Override
    public boolean isEmpty() {
      return values.isEmpty();
    }

    @Override
    public boolean isLive() {
      return !isEmpty();
    }

    @Override
    public Cell join(CausalContext mine, Cell that, CausalContext theirs) {
      return new Register(values.join(mine, ((Register) that).values, theirs));
    }

    @Override
    public Cell joinAbsent(CausalContext theirs) {
      return new Register(values.joinAbsent(theirs));
    }
  }

  /// One origin's share of a counter: what it counted, and how much of that was reset.
  ///
  /// A reset names the tally its author saw, and kills that and no more. Both tallies only ever
  /// move to a later one, so the join needs no context, and the share outlives the reset: counters
  /// leave a trace.
  ///
  /// @param counted the origin's latest tally
  /// @param reset the latest tally that a reset has named
  record Share(Tally counted, Tally reset) implements Cell {
    @Override
    public boolean isEmpty() {
      return counted.equals(Tally.NONE) && reset.equals(Tally.NONE);
    }

    @Override
    public boolean isLive() {
      return counted.compareTo(reset) > 0;
    }

    /// What this share adds to the counter.
    public long value() {
      return counted.total() - reset.total();
    }

    /// The share after its origin has counted `amount` more. Wraps at 64 bits: correct origins
    /// refuse to count so far.
    public Share plus(Dot dot, long amount) {
      return new Share(new Tally(dot.seq(), dot.index(), counted.total() + amount), reset);
    }

    /// The share after a reset that saw `seen`.
    public Share resetTo(Tally seen) {
      return new Share(counted, reset.join(seen));
    }

    @Override
    public Cell join(CausalContext mine, Cell that, CausalContext theirs) {
      var other = (Share) that;
      return new Share(counted.join(other.counted), reset.join(other.reset));
    }

    @Override
    public Cell joinAbsent(CausalContext theirs) {
      return this;
    }
  }

  /// The empty cell of a kind: the bottom of its join.
  static Cell empty(CellKind kind) {
    return switch (kind) {
      case MAP, FLAG, SET -> new Presence(DotFun.empty());
      case DISABLE_WINS_FLAG, REMOVE_WINS_SET -> new Contested(DotFun.empty());
      case REGISTER -> new Register(DotFun.empty());
      case COUNTER -> new Share(Tally.NONE, Tally.NONE);
    };
  }

  /// This cell after a removal, clear or assignment from above: without the dots that a context
  /// covers, as far as readers see them. A counter's share stays as it is: what goes from it goes
  /// by [Share#resetTo(Tally)].
  default Cell without(CausalContext removed) {
    return joinAbsent(removed);
  }
}

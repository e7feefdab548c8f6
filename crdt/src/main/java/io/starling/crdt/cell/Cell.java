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
      case REGISTER -> new Register(DotFun.empty());
      case COUNTER -> new Share(Tally.NONE, Tally.NONE);
    };
  }

  /// This cell without the dots that a context covers. A counter's share stays as it is: what goes
  /// from it goes by [Share#resetTo(Tally)].
  default Cell without(CausalContext removed) {
    return joinAbsent(removed);
  }
}

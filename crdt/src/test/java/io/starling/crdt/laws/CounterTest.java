package io.starling.crdt.laws;

import io.starling.crdt.op.Operation;
import net.jqwik.api.Arbitrary;

/// Increments, decrements and resets, also of two counters at once.
class CounterTest extends DataTypeLaws {
  @Override
  Arbitrary<Operation> operations() {
    return Operations.counter();
  }
}

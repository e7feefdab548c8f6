package io.starling.crdt.laws;

import io.starling.crdt.op.Operation;
import net.jqwik.api.Arbitrary;

/// A set that removing wins.
class RemoveWinsSetTest extends DataTypeLaws {
  @Override
  Arbitrary<Operation> operations() {
    return Operations.removeWinsSet();
  }
}

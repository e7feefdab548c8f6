package io.starling.crdt.laws;

import io.starling.crdt.op.Operation;
import net.jqwik.api.Arbitrary;

/// A set that adding wins.
class SetTest extends DataTypeLaws {
  @Override
  Arbitrary<Operation> operations() {
    return Operations.set();
  }
}

package io.starling.crdt.laws;

import io.starling.crdt.op.Operation;
import net.jqwik.api.Arbitrary;

/// A flag that enabling wins.
class FlagTest extends DataTypeLaws {
  @Override
  Arbitrary<Operation> operations() {
    return Operations.flag();
  }
}

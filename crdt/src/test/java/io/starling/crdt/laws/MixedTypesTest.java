package io.starling.crdt.laws;

import io.starling.crdt.op.Operation;
import net.jqwik.api.Arbitrary;

/// Every type at one key.
class MixedTypesTest extends DataTypeLaws {
  @Override
  Arbitrary<Operation> operations() {
    return Operations.mixed();
  }
}

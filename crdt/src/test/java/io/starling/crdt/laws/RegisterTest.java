package io.starling.crdt.laws;

import io.starling.crdt.op.Operation;
import net.jqwik.api.Arbitrary;

/// Assignments that read as the latest or as all.
class RegisterTest extends DataTypeLaws {
  @Override
  Arbitrary<Operation> operations() {
    return Operations.register();
  }
}

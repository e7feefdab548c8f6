package io.starling.crdt.laws;

import io.starling.crdt.op.Operation;
import net.jqwik.api.Arbitrary;

/// A flag that disabling wins.
class DisableWinsFlagTest extends DataTypeLaws {
  @Override
  Arbitrary<Operation> operations() {
    return Operations.disableWinsFlag();
  }
}

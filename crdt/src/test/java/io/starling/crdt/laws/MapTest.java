package io.starling.crdt.laws;

import io.starling.crdt.op.Operation;
import net.jqwik.api.Arbitrary;

/// Documents: maps in maps, with registers, counters, flags and sets at their leaves.
class MapTest extends DataTypeLaws {
  @Override
  Arbitrary<Operation> operations() {
    return Operations.map();
  }
}

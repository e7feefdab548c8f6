package io.starling.architecture.bad.replica;

import io.starling.architecture.bad.crdt.AllowedAlgebra;

/// What the rules must leave alone.
public final class AllowedEngine {
  AllowedAlgebra algebra = new AllowedAlgebra();
}

package io.starling.crdt.cell;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.value.Value;

/// What a dot carries in a register.
///
/// @param time ranks the value among concurrent ones
public record Assignment(Value value, HybridTime time, ReadRule rule) {}

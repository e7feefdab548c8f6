package io.starling.crdt.op;

import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Tally;

/// What the author of a removal or reset saw of one replica's share of a counter, and so kills.
public record NamedTally(CellId.Share share, Tally seen) {}

package io.starling.faults.history;

import java.util.SortedSet;

/// All of an object at one moment, as a node has shown it.
///
/// @param writes which it says that it shows
/// @param values of the register, all that stand beside each other
public record Cut(Writes writes, long count, SortedSet<Integer> items, SortedSet<Integer> values) {}

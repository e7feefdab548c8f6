package io.starling.crdt.store;

/// The value of a dot whose presence says all.
public enum Unit {
  UNIT
}

package io.starling.client;

import java.math.BigDecimal;

/// What a register holds and a set contains. Scalars keep their kind; arrays and objects are JSON.
///
/// @param message as it goes to a node
public record Value(io.starling.proto.v1.Value message) {

  /// JSON's null: a value like others, not the absence of one.
  public static final Value NULL =
      new Value(io.starling.proto.v1.Value.newBuilder().setNull(true).build());

  public static Value of(String text) {
    return new Value(io.starling.proto.v1.Value.newBuilder().setText(text).build());
  }

  public static Value of(long number) {
    return new Value(io.starling.proto.v1.Value.newBuilder().setInteger(number).build());
  }

  /// @param number finite
  public static Value of(double number) {
    return new Value(io.starling.proto.v1.Value.newBuilder().setReal(number).build());
  }

  public static Value of(boolean truth) {
    return new Value(io.starling.proto.v1.Value.newBuilder().setBoolean(truth).build());
  }

  /// A number that neither a long nor a double holds exactly.
  public static Value of(BigDecimal number) {
    return new Value(io.starling.proto.v1.Value.newBuilder().setDecimal(number.toString()).build());
  }

  /// Any JSON value, as text.
  public static Value json(String json) {
    return new Value(io.starling.proto.v1.Value.newBuilder().setJson(json).build());
  }
}

package io.starling.node.api.wire;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.json.JsonText;
import java.math.BigDecimal;

/// Values, paths, dots and read rules.
public final class WireValues {

  private static final int DECIMAL_CHARACTERS_MAX = Value.Decimal.DIGITS_MAX + 16;

  private WireValues() {}

  /// The value of a message.
  public static Value read(io.starling.proto.v1.Value message) throws MalformedException {
    try {
      return switch (message.getKindCase()) {
        case NULL -> nothing(message.getNull());
        case BOOLEAN -> new Value.Bool(message.getBoolean());
        case INTEGER -> new Value.Int(message.getInteger());
        case REAL -> new Value.Real(message.getReal());
        case DECIMAL -> decimal(message.getDecimal());
        case TEXT -> new Value.Text(message.getText());
        case JSON -> JsonText.parse(message.getJson());
        case KIND_NOT_SET ->
            throw new MalformedException("a value without its kind; set null, text, json or so");
      };
    } catch (IllegalArgumentException refused) {
      throw new MalformedException(String.valueOf(refused.getMessage()), refused);
    }
  }

  /// The message of a value.
  public static io.starling.proto.v1.Value write(Value value) {
    var message = io.starling.proto.v1.Value.newBuilder();
    switch (value) {
      case Value.Null() -> message.setNull(true);
      case Value.Bool(boolean truth) -> message.setBoolean(truth);
      case Value.Int(long whole) -> message.setInteger(whole);
      case Value.Real(double real) -> message.setReal(real);
      case Value.Decimal(var decimal) -> message.setDecimal(decimal.toString());
      case Value.Text(var text) -> message.setText(text);
      case Value.Array _, Value.Struct _ -> message.setJson(JsonText.write(value));
    }
    return message.build();
  }

  /// The path of a message.
  public static Path read(io.starling.proto.v1.Path message) throws MalformedException {
    try {
      return new Path(message.getKey(), message.getFieldsList());
    } catch (IllegalArgumentException refused) {
      throw new MalformedException(String.valueOf(refused.getMessage()), refused);
    }
  }

  /// The message of a path.
  public static io.starling.proto.v1.Path write(Path path) {
    return io.starling.proto.v1.Path.newBuilder()
        .setKey(path.key())
        .addAllFields(path.fields())
        .build();
  }

  static Dot read(io.starling.proto.v1.Dot message) throws MalformedException {
    try {
      return new Dot(ReplicaId.parse(message.getReplica()), message.getSeq(), message.getIndex());
    } catch (IllegalArgumentException refused) {
      throw new MalformedException("not a dot: " + refused.getMessage(), refused);
    }
  }

  static io.starling.proto.v1.Dot write(Dot dot) {
    return io.starling.proto.v1.Dot.newBuilder()
        .setReplica(dot.replica().toString())
        .setSeq(dot.seq())
        .setIndex(dot.index())
        .build();
  }

  static ReadRule read(io.starling.proto.v1.ReadRule message) throws MalformedException {
    return switch (message) {
      case READ_RULE_UNSPECIFIED, READ_RULE_LATEST -> ReadRule.LATEST;
      case READ_RULE_ALL -> ReadRule.ALL;
      case READ_RULE_MAX -> ReadRule.MAX;
      case READ_RULE_MIN -> ReadRule.MIN;
      case UNRECOGNIZED ->
          throw new MalformedException("an unknown read rule; LATEST, ALL, MAX and MIN exist");
    };
  }

  static io.starling.proto.v1.ReadRule write(ReadRule rule) {
    return switch (rule) {
      case LATEST -> io.starling.proto.v1.ReadRule.READ_RULE_LATEST;
      case ALL -> io.starling.proto.v1.ReadRule.READ_RULE_ALL;
      case MAX -> io.starling.proto.v1.ReadRule.READ_RULE_MAX;
      case MIN -> io.starling.proto.v1.ReadRule.READ_RULE_MIN;
    };
  }

  static Bias read(io.starling.proto.v1.Bias message) throws MalformedException {
    return switch (message) {
      case BIAS_UNSPECIFIED, BIAS_ADD -> Bias.ADD;
      case BIAS_REMOVE -> Bias.REMOVE;
      case UNRECOGNIZED -> throw new MalformedException("an unknown bias; ADD and REMOVE exist");
    };
  }

  static io.starling.proto.v1.Bias write(Bias bias) {
    return switch (bias) {
      case ADD -> io.starling.proto.v1.Bias.BIAS_ADD;
      case REMOVE -> io.starling.proto.v1.Bias.BIAS_REMOVE;
    };
  }

  private static Value nothing(boolean isNull) throws MalformedException {
    if (!isNull) {
      throw new MalformedException("a value with null set to false says nothing");
    }
    return new Value.Null();
  }

  private static Value decimal(String text) throws MalformedException {
    if (text.length() > DECIMAL_CHARACTERS_MAX) {
      throw new MalformedException(
          "a number of more than " + Value.Decimal.DIGITS_MAX + " digits; send it as text");
    }
    try {
      return Value.number(new BigDecimal(text));
    } catch (NumberFormatException notNumber) {
      throw new MalformedException("not a decimal number: '" + text + "'", notNumber);
    }
  }
}

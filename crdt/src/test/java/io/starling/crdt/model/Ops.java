package io.starling.crdt.model;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.op.Operation;
import io.starling.crdt.value.Value;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Short names for operations and values, for tests that tell a story. A [World] adds what removals
/// name.
public final class Ops {

  private Ops() {}

  public static Operation assign(Path path, String text) {
    return new Operation.Assign(path, new Value.Text(text), ReadRule.LATEST, List.of());
  }

  public static Operation makeMap(Path path) {
    return new Operation.MakeMap(path, List.of());
  }

  public static Operation remove(Path path) {
    return new Operation.Remove(path, List.of());
  }

  public static Operation reset(Path path) {
    return new Operation.Reset(path, List.of());
  }

  public static Operation increment(Path path, long amount) {
    return new Operation.Increment(path, amount);
  }

  public static Operation enable(Path path) {
    return new Operation.Enable(path);
  }

  public static Operation disable(Path path) {
    return new Operation.Disable(path);
  }

  public static Operation add(Path path, String element) {
    return new Operation.AddElement(path, new Value.Text(element));
  }

  public static Operation removeElement(Path path, String element) {
    return new Operation.RemoveElement(path, new Value.Text(element));
  }

  public static Value nothing() {
    return new Value.Null();
  }

  public static Value number(long number) {
    return new Value.Int(number);
  }

  public static Value text(String text) {
    return new Value.Text(text);
  }

  public static Value texts(String... texts) {
    return new Value.Array(Stream.of(texts).<Value>map(Value.Text::new).toList());
  }

  public static Value numbers(long... numbers) {
    return new Value.Array(LongStream.of(numbers).<Value>mapToObj(Value.Int::new).toList());
  }

  /// An object of one field.
  public static Value object(String name, Value field) {
    var fields = new TreeMap<String, Value>();
    fields.put(name, field);
    return new Value.Struct(fields);
  }

  /// An object of two fields.
  public static Value object(String name, Value field, String other, Value otherField) {
    var fields = new TreeMap<String, Value>();
    fields.put(name, field);
    fields.put(other, otherField);
    return new Value.Struct(fields);
  }
}

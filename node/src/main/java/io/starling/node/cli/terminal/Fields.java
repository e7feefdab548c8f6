package io.starling.node.cli.terminal;

import io.starling.crdt.value.Value;
import io.starling.node.json.JsonText;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// A JSON object that is being put together. Its fields are written in the order of their names.
public final class Fields {

  private final TreeMap<String, Value> fields = new TreeMap<>();

  public Fields put(String name, Value value) {
    fields.put(name, value);
    return this;
  }

  public Fields put(String name, String text) {
    return put(name, new Value.Text(text));
  }

  public Fields put(String name, long number) {
    return put(name, new Value.Int(number));
  }

  public Fields put(String name, boolean truth) {
    return put(name, new Value.Bool(truth));
  }

  public Fields put(String name, List<? extends Value> items) {
    return put(name, new Value.Array(List.copyOf(items)));
  }

  /// A number with a fraction; null for none.
  public Fields put(String name, Optional<Double> number) {
    return put(name, number.<Value>map(Value.Real::new).orElse(new Value.Null()));
  }

  public Fields putTexts(String name, List<String> texts) {
    return put(name, texts.stream().map(Value.Text::new).toList());
  }

  /// A text; null for none.
  public Fields putText(String name, Optional<String> text) {
    return put(name, text.<Value>map(Value.Text::new).orElse(new Value.Null()));
  }

  public Value.Struct struct() {
    return new Value.Struct(fields);
  }

  /// The object on one line.
  public String json() {
    return JsonText.write(struct());
  }
}

package io.starling.client;

import io.starling.proto.v1.Path;
import java.util.List;

/// A place in a space: a key, and the fields that lead into the document there.
///
/// @param fields empty for all of the key
public record Place(String key, List<String> fields) {

  public Place {
    fields = List.copyOf(fields);
  }

  /// `at("user/7", "address", "city")`.
  public static Place at(String key, String... fields) {
    return new Place(key, List.of(fields));
  }

  Path message() {
    return Path.newBuilder().setKey(key).addAllFields(fields).build();
  }

  @Override
  public String toString() {
    return fields.isEmpty() ? key : key + "#" + String.join(".", fields);
  }
}

package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What `_system` says, as documents by key.
final class SystemDocuments {

  /// Where spaces are listed: the rest of the key is the name.
  static final String SPACES = "spaces/";

  /// Where members describe themselves: the rest of the key is the fingerprint.
  static final String MEMBERS = "members/";

  private static final int PAGE = 1_000;
  private static final int KEYS_MAX = 10_000;

  private SystemDocuments() {}

  /// The keys under a prefix, up to 10 000, without the prefix.
  static List<String> names(HostedSpace system, String prefix) {
    return names(system, prefix, KEYS_MAX);
  }

  /// The keys under a prefix, up to a number, without the prefix.
  static List<String> names(HostedSpace system, String prefix, int most) {
    var names = new ArrayList<String>();
    try (var snapshot = system.readAsItIs()) {
      var after = "";
      boolean more = true;
      while (more && names.size() < most) {
        var page = snapshot.reader().keys(prefix, after, PAGE);
        page.keys().forEach(key -> names.add(key.substring(prefix.length())));
        more = page.more();
        after = page.keys().isEmpty() ? after : page.keys().getLast();
      }
    }
    return names;
  }

  /// The document at a key; empty if there is none, or something else is there.
  static Optional<Value.Struct> find(HostedSpace system, String key) {
    try (var snapshot = system.readAsItIs()) {
      return snapshot.reader().view(Path.of(key), 0).toValue() instanceof Value.Struct document
          ? Optional.of(document)
          : Optional.empty();
    }
  }

  /// The document at a key as far as one member has written it itself; empty if that is nothing.
  static Optional<Value.Struct> findBy(KeyFingerprint author, HostedSpace system, String key) {
    try (var snapshot = system.readBy(author)) {
      return snapshot.reader().view(Path.of(key), 0).toValue() instanceof Value.Struct document
          ? Optional.of(document)
          : Optional.empty();
    }
  }

  /// A text field; empty if there is none.
  static String text(Value.Struct document, String field) {
    return document.fields().get(field) instanceof Value.Text(var text) ? text : "";
  }

  /// A field with a list of texts.
  static List<String> texts(Value.Struct document, String field) {
    if (!(document.fields().get(field) instanceof Value.Array(var items))) {
      return List.of();
    }
    return items.stream()
        .filter(Value.Text.class::isInstance)
        .map(item -> ((Value.Text) item).value())
        .toList();
  }
}

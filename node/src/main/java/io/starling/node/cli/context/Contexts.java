package io.starling.node.cli.context;

import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// All contexts of a user, and which of them counts where none is named.
///
/// @param current empty for the cluster on this machine
record Contexts(Optional<String> current, NavigableMap<String, Context> all) {

  Contexts {
    all = new TreeMap<>(all);
    if (all.size() > Context.COUNT_MAX) {
      throw new IllegalArgumentException(
          "there are " + all.size() + " contexts; at most " + Context.COUNT_MAX + " are kept");
    }
    if (current.isPresent() && !all.containsKey(current.get())) {
      throw new IllegalArgumentException("the current context '" + current.get() + "' is none");
    }
  }

  static Contexts none() {
    return new Contexts(Optional.empty(), new TreeMap<>());
  }

  Contexts with(Context context) {
    var more = new TreeMap<>(all);
    more.put(context.name(), context);
    return new Contexts(current, more);
  }

  Contexts without(String name) {
    var fewer = new TreeMap<>(all);
    fewer.remove(name);
    return new Contexts(current.filter(it -> !it.equals(name)), fewer);
  }

  Contexts using(Optional<String> name) {
    return new Contexts(name, all);
  }

  Optional<Context> find(String name) {
    return Optional.ofNullable(all.get(name));
  }

  boolean holdTokens() {
    return all.values().stream().anyMatch(context -> context.token().isPresent());
  }
}

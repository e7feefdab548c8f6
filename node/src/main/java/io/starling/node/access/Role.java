package io.starling.node.access;

import java.util.Locale;
import java.util.Optional;

/// What the bearer of a token may do. Each role may do what those before it may.
public enum Role {
  /// Reads all spaces but `_system`.
  READER,
  /// Writes to them too.
  WRITER,
  /// Creates spaces and tokens; reads and writes `_system`.
  ADMIN;

  /// The name in files, records and APIs.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The role with that label.
  public static Optional<Role> ofLabel(String label) {
    for (var role : values()) {
      if (role.label().equals(label)) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }
}

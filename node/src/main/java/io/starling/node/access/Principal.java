package io.starling.node.access;

import io.starling.replica.batch.SpaceId;

/// Someone whom the node has authenticated.
///
/// @param name as it stands in batches; `token:` and the id of the token
public record Principal(String name, Role role) {

  /// Whether it may write to ordinary spaces.
  public boolean mayWrite() {
    return role.compareTo(Role.WRITER) >= 0;
  }

  /// Whether it may create spaces and tokens.
  public boolean mayAdminister() {
    return role == Role.ADMIN;
  }

  /// Whether it may read a space: `_system` is for administrators.
  public boolean mayRead(String space) {
    return mayAdminister() || !space.equals(SpaceId.SYSTEM);
  }

  /// Whether it may write to a space.
  public boolean mayWrite(String space) {
    return mayWrite() && mayRead(space);
  }
}

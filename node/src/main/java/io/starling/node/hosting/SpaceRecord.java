package io.starling.node.hosting;

import io.starling.crdt.cell.Path;
import io.starling.node.space.SpaceSettings;
import java.time.Instant;
import java.util.Optional;

/// What `_system` says of one name of a space: which of all spaces that ever had it is the present
/// one, and whether that was created.
///
/// ```
/// spaces/NAME               generation 0 was created
/// spaces/NAME/G             generation G was, from 1 on
/// spaces/NAME/G/settings    what was set for generation G, field by field
/// spaces/NAME/dropped       a register that keeps concurrent values: the generation that was dropped
/// ```
///
/// The present generation is the one after the highest that was dropped. So it only grows, whatever
/// is merged in whatever order; a statement that drops one generation says nothing about the next;
/// and two who create a space, or drop it, while apart have said the same.
///
/// @param generation the present one
/// @param isCreated whether it was created
/// @param dropped when the one before was dropped; empty for generation 0
record SpaceRecord(
    String name,
    long generation,
    boolean isCreated,
    Optional<Instant> dropped,
    SpaceSettings settings) {

  static SpaceRecord none(String name) {
    return new SpaceRecord(name, 0, false, Optional.empty(), SpaceSettings.USUAL);
  }

  /// Where it stands that a generation was created.
  static Path created(String name, long generation) {
    var key = SystemDocuments.SPACES + name;
    return Path.of(generation == 0 ? key : key + "/" + generation);
  }

  static Path settings(String name, long generation) {
    return Path.of(SystemDocuments.SPACES + name + "/" + generation + "/settings");
  }

  static Path dropped(String name) {
    return Path.of(SystemDocuments.SPACES + name + "/dropped");
  }
}

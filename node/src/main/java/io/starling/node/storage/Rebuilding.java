package io.starling.node.storage;

import io.starling.replica.batch.SpaceId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// The making anew of a store in the place of one that was found damaged and set aside: what it
/// held is to come from the other members. Survives restarts until it is over.
public interface Rebuilding {

  /// What was found, in one line for an operator.
  String reason();

  /// When it was set aside.
  Instant since();

  /// Where the damaged stores are, the latest last. They are left for the operator to remove.
  List<Path> setAside();

  /// Opens what is left of the damaged stores, the latest first; those that cannot be opened at all
  /// are left out. To be closed.
  List<Remains> remains();

  /// Whether a space has all that it can have.
  boolean isDone(SpaceId space);

  /// Notes durably that a space has all that it can have.
  void done(SpaceId space);

  /// Notes durably that all spaces have.
  void over();
}

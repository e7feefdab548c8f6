package io.starling.node.space;

import io.starling.replica.batch.SpaceId;
import io.starling.replica.request.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/// The spaces of this node. Safe to use from any thread.
public interface Spaces {

  /// A space by its name, if it exists here.
  Optional<Space> find(String name);

  /// All spaces, by name, `_system` included.
  List<Space> all();

  /// Creates a space in the cluster. Creating one that exists changes nothing. It exists here when
  /// the stage completes with [Outcome.Committed], and elsewhere as soon as the news gets there.
  ///
  /// @param name 1 to 64 of `a-z 0-9 - _ .`, not beginning with `_`
  default CompletionStage<Outcome> create(String principal, String name) {
    return create(principal, name, SpaceChange.NONE);
  }

  /// Creates a space with settings of its own; they are passed over if it exists.
  CompletionStage<Outcome> create(String principal, String name, SpaceChange settings);

  /// Changes the settings of a space.
  CompletionStage<Outcome> change(String principal, String name, SpaceChange change);

  /// Drops a space with all that is in it, on all nodes. When the stage completes with
  /// [Outcome.Committed] the statement is durable here, and the space is not found any more; its
  /// data goes in the background. Nothing of it ever comes into a space of the same name that is
  /// created later.
  ///
  /// @param meant the one that is meant, if it must be no other of its name
  CompletionStage<Outcome> drop(String principal, String name, Optional<SpaceId> meant);

  /// All spaces of the cluster that this node knows of, by name, `_system` included.
  List<ListedSpace> listed();

  /// Why a space is not found.
  Absence absence(String name);
}

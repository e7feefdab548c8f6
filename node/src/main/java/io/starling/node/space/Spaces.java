package io.starling.node.space;

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
  CompletionStage<Outcome> create(String principal, String name);
}

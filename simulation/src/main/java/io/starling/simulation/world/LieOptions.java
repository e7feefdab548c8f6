package io.starling.simulation.world;

import java.time.Duration;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/// Who lies, and how.
///
/// @param most how many members lie, at most, as long as one stays honest
/// @param kinds what they do
/// @param every how often each makes something up, on average
/// @param isEvicted whether an operator evicts them in the end
/// @param ending what they do once all faults end
public record LieOptions(
    int most, SortedSet<Lie> kinds, Duration every, boolean isEvicted, Ending ending) {

  /// Nobody lies.
  public static final LieOptions NONE =
      new LieOptions(0, new TreeSet<>(), Duration.ZERO, false, Ending.HONEST);

  /// What liars do once all faults end; they make nothing up any more.
  public enum Ending {
    /// They say what their engines say.
    HONEST,
    /// They say nothing any more.
    SILENT,
    /// What they say is changed as before.
    CHANGING
  }

  public LieOptions {
    kinds = Collections.unmodifiableSortedSet(new TreeSet<>(kinds));
  }

  /// Whether anybody lies.
  public boolean comes() {
    return most > 0;
  }
}

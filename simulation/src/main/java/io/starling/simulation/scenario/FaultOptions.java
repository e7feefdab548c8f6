package io.starling.simulation.scenario;

import java.time.Duration;

/// Faults that come and go in the first phase of a run. Each comes on average `every` so often,
/// exponentially distributed; [Duration#ZERO] means never.
///
/// @param partitions the network falls apart, in one of several ways, and heals
/// @param crashes a node stops at some point of its work, and starts again
/// @param clocks clocks that are wrong
/// @param pauses a node stands still for `pauseMean` and goes on with what has piled up
/// @param copies a copy of a node, its key included, is started beside it, and thrown away again
/// @param evictions the key of a member is revoked, and other members hear of it sooner or later;
///   at least two members stay
/// @param logLosses a node loses its log, as far as others have applied the same
/// @param clogs a link holds everything back for `clogMean`
public record FaultOptions(
    Recurring partitions,
    CrashOptions crashes,
    ClockOptions clocks,
    Recurring pauses,
    Recurring clogs,
    Recurring logLosses,
    Recurring copies,
    Recurring evictions) {

  /// Without copies and evictions.
  public FaultOptions(
      Recurring partitions,
      CrashOptions crashes,
      ClockOptions clocks,
      Recurring pauses,
      Recurring clogs,
      Recurring logLosses) {
    this(partitions, crashes, clocks, pauses, clogs, logLosses, Recurring.NEVER, Recurring.NEVER);
  }

  /// The same with copies.
  public FaultOptions copying(Recurring often) {
    return new FaultOptions(
        partitions, crashes, clocks, pauses, clogs, logLosses, often, evictions);
  }

  /// The same with evictions.
  public FaultOptions evicting(Recurring often) {
    return new FaultOptions(partitions, crashes, clocks, pauses, clogs, logLosses, copies, often);
  }

  /// Nothing goes wrong.
  public static final FaultOptions NONE =
      new FaultOptions(
          Recurring.NEVER,
          CrashOptions.NONE,
          ClockOptions.TRUE,
          Recurring.NEVER,
          Recurring.NEVER,
          Recurring.NEVER);

  /// How often something comes, and how long it stays; both are means.
  public record Recurring(Duration every, Duration lasting) {

    public static final Recurring NEVER = new Recurring(Duration.ZERO, Duration.ZERO);

    /// Whether it comes at all.
    public boolean comes() {
      return every.isPositive();
    }
  }

  /// @param stops how often a node stops, and how long it stays down
  /// @param restorePerMille restarts over an older copy of the store
  public record CrashOptions(Recurring stops, int restorePerMille) {
    public static final CrashOptions NONE = new CrashOptions(Recurring.NEVER, 0);
  }

  /// @param skewMost how far a clock may be off at the start, either way
  /// @param driftMost how many microseconds a clock may gain or lose in a second
  /// @param jumps how often a clock jumps; after `lasting` it is set right
  /// @param jumpMost how far, either way
  public record ClockOptions(Duration skewMost, int driftMost, Recurring jumps, Duration jumpMost) {
    public static final ClockOptions TRUE =
        new ClockOptions(Duration.ZERO, 0, Recurring.NEVER, Duration.ZERO);
  }
}

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
/// @param members who belongs to the cluster changes
/// @param stores stores lose something or are found damaged
/// @param spaces spaces come, go and move
/// @param clogs a link holds everything back for `clogMean`
public record FaultOptions(
    Recurring partitions,
    CrashOptions crashes,
    ClockOptions clocks,
    Recurring pauses,
    Recurring clogs,
    StoreOptions stores,
    Recurring copies,
    MemberOptions members,
    SpaceOptions spaces) {

  /// Without copies, damaged stores and changes of members and spaces.
  public FaultOptions(
      Recurring partitions,
      CrashOptions crashes,
      ClockOptions clocks,
      Recurring pauses,
      Recurring clogs,
      Recurring logLosses) {
    this(
        partitions,
        crashes,
        clocks,
        pauses,
        clogs,
        new StoreOptions(logLosses, Recurring.NEVER, Recurring.NEVER),
        Recurring.NEVER,
        MemberOptions.NONE,
        SpaceOptions.NONE);
  }

  /// The same with other partitions.
  FaultOptions parting(Recurring often) {
    return new FaultOptions(often, crashes, clocks, pauses, clogs, stores, copies, members, spaces);
  }

  /// The same with other crashes.
  FaultOptions crashing(CrashOptions often) {
    return new FaultOptions(
        partitions, often, clocks, pauses, clogs, stores, copies, members, spaces);
  }

  /// The same with other clocks.
  FaultOptions timing(ClockOptions other) {
    return new FaultOptions(
        partitions, crashes, other, pauses, clogs, stores, copies, members, spaces);
  }

  /// The same with other pauses.
  FaultOptions pausing(Recurring often) {
    return new FaultOptions(
        partitions, crashes, clocks, often, clogs, stores, copies, members, spaces);
  }

  /// The same with other clogs.
  FaultOptions clogging(Recurring often) {
    return new FaultOptions(
        partitions, crashes, clocks, pauses, often, stores, copies, members, spaces);
  }

  /// The same with other losses of logs.
  FaultOptions losingLogs(Recurring often) {
    var other = new StoreOptions(often, stores.damages(), stores.rollBacks());
    return new FaultOptions(
        partitions, crashes, clocks, pauses, clogs, other, copies, members, spaces);
  }

  /// The same with copies.
  public FaultOptions copying(Recurring often) {
    return new FaultOptions(
        partitions, crashes, clocks, pauses, clogs, stores, often, members, spaces);
  }

  /// The same with changes of members.
  public FaultOptions changing(MemberOptions often) {
    return new FaultOptions(
        partitions, crashes, clocks, pauses, clogs, stores, copies, often, spaces);
  }

  /// The same with spaces that come and go.
  public FaultOptions listing(Recurring often) {
    var other = new SpaceOptions(often, spaces.moves());
    return new FaultOptions(
        partitions, crashes, clocks, pauses, clogs, stores, copies, members, other);
  }

  /// The same with spaces whose hosts change.
  public FaultOptions moving(Recurring often) {
    var other = new SpaceOptions(spaces.turnovers(), often);
    return new FaultOptions(
        partitions, crashes, clocks, pauses, clogs, stores, copies, members, other);
  }

  /// The same with damaged stores.
  public FaultOptions damaging(Recurring often) {
    var other = new StoreOptions(stores.logLosses(), often, stores.rollBacks());
    return new FaultOptions(
        partitions, crashes, clocks, pauses, clogs, other, copies, members, spaces);
  }

  /// The same with machines that are set back while they run.
  public FaultOptions rollingBack(Recurring often) {
    var other = new StoreOptions(stores.logLosses(), stores.damages(), often);
    return new FaultOptions(
        partitions, crashes, clocks, pauses, clogs, other, copies, members, spaces);
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

  /// What befalls stores, but for crashes.
  ///
  /// @param logLosses a node loses its log, as far as others have applied the same
  /// @param damages rows of a store rot, or its files are cut short or altered while its node is
  ///   down: it is set aside and made anew
  /// @param rollBacks a machine is set back with its memory to what it was up to `lasting` before,
  ///   on average, while its node runs: it does not know it
  public record StoreOptions(Recurring logLosses, Recurring damages, Recurring rollBacks) {}

  /// How the members of the cluster change; at least two stay.
  ///
  /// @param evictions the key of a member is revoked, and others hear of it sooner or later
  /// @param departures a member leaves for good; it stays if it cannot hand over within `lasting`
  /// @param absences a member is away for `lasting`, or its machine is lost, and no log is kept for
  ///   it from some time on
  /// @param joins one or two machines become members, as long as there are places for them
  /// @param joinersMost how many places there are
  public record MemberOptions(
      Recurring evictions,
      Recurring departures,
      Recurring absences,
      Recurring joins,
      int joinersMost) {

    /// Nobody joins.
    public MemberOptions(Recurring evictions, Recurring departures, Recurring absences) {
      this(evictions, departures, absences, Recurring.NEVER, 0);
    }

    /// The same with members that join.
    public MemberOptions joining(Recurring often, int most) {
      return new MemberOptions(evictions, departures, absences, often, most);
    }

    public static final MemberOptions NONE =
        new MemberOptions(Recurring.NEVER, Recurring.NEVER, Recurring.NEVER);
  }

  /// How the spaces of the cluster change.
  ///
  /// @param turnovers a space is created or dropped
  /// @param moves other members are to host a space; half of those that are created are then hosted
  ///   by some members alone from the start
  public record SpaceOptions(Recurring turnovers, Recurring moves) {
    public static final SpaceOptions NONE = new SpaceOptions(Recurring.NEVER, Recurring.NEVER);
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

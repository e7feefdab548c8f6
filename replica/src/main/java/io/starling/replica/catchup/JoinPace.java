package io.starling.replica.catchup;

import java.util.OptionalLong;

/// Whether a transfer comes along, in ticks: what is a sign of life of the donor and what is shown
/// to it, whether it sends enough, and how many pages are to be under way.
final class JoinPace {

  /// Ticks without any progress after which a donor is given up.
  private static final long PATIENCE_TICKS = 50;

  /// Ticks after which a page is asked for again.
  private static final long AGAIN_TICKS = 10;

  /// Pages that are under way at first: on a thin link they hold up what comes after them.
  static final int WINDOW_MIN = 4;

  private long tick;
  private long lastTick;
  private long pacedTick;
  private long pacedBytes;
  // As many as came in a tick, so neither side waits for the other for long. It only grows: a page
  // that is asked for twice comes twice.
  private int window = WINDOW_MIN;
  private int pagesInTick;
  private long looked;
  private long toldLooked;
  private long donorLooked;

  void tick() {
    tick++;
    window = Math.clamp(pagesInTick, window, DonorSession.WINDOW);
    pagesInTick = 0;
  }

  /// Something came, or was done here.
  void progress() {
    lastTick = tick;
  }

  /// A page came.
  void page() {
    pagesInTick++;
  }

  /// Pages are asked for from now on.
  void beginPages() {
    pacedTick = tick;
  }

  /// Pages that are to be under way at once.
  int window() {
    return window;
  }

  /// A cell was looked at here.
  void look() {
    looked++;
  }

  /// The donor has looked at so many cells; more than it can have is no sign of life.
  void donorLooks(long cells, long most) {
    if (cells > donorLooked && cells <= most) {
      donorLooked = cells;
      progress();
    }
  }

  boolean isSilent() {
    return tick - lastTick > PATIENCE_TICKS;
  }

  /// Whether a donor of pages has sent too little in the last while.
  ///
  /// @param bytes all that it has sent
  boolean isTooSlow(long bytes) {
    if (tick - pacedTick < Donor.PACE_TICKS) {
      return false;
    }
    boolean isTooSlow = bytes + donorLooked - pacedBytes < Donor.PACE_BYTES;
    pacedTick = tick;
    pacedBytes = bytes + donorLooked;
    return isTooSlow;
  }

  /// Whether a page that was asked for is to be asked for again.
  boolean isPageDue() {
    long idle = tick - lastTick;
    return idle > 0 && idle % AGAIN_TICKS == 0;
  }

  /// How many cells were looked at here, now and then, if the donor was not told of so many.
  OptionalLong lookedToTell() {
    if (looked <= toldLooked || tick % Donor.LIFE_TICKS != 0) {
      return OptionalLong.empty();
    }
    toldLooked = looked;
    return OptionalLong.of(looked);
  }
}

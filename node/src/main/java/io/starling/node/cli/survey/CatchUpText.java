package io.starling.node.cli.survey;

import io.starling.crdt.value.Value;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.proto.v1.CatchUpPhase;
import io.starling.proto.v1.CatchingUp;
import io.starling.proto.v1.SpaceStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// How a node takes over another member's state, for programs and for people.
public final class CatchUpText {

  private static final int FINGERPRINT_SHOWN = 8;
  private static final double PERCENT = 100;
  private static final double THOUSAND = 1_000;
  private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB");

  // Up to so many of a unit it is said in that one.
  private static final long UNIT_MOST = 90;

  private CatchUpText() {}

  /// As the REST interface says it: what is not known is absent, and all of it while nothing is
  /// taken over.
  public static Optional<Value> json(SpaceStatus space) {
    if (!space.hasCatchingUp()) {
      return Optional.empty();
    }
    var it = space.getCatchingUp();
    var fields = new Fields().put("phase", phase(it.getPhase()));
    if (!it.getDonor().isEmpty()) {
      fields.put("donor", it.getDonor()).put("donorName", it.getDonorName());
    }
    if (it.hasCells()) {
      fields.put("cells", it.getCells());
      fields.put("fetched", it.getFetched()).put("bytes", it.getBytes());
    }
    if (it.hasBytesPerSecond()) {
      fields.put("bytesPerSecond", it.getBytesPerSecond());
    }
    if (it.hasRemainingMillis()) {
      fields.put("remainingMillis", it.getRemainingMillis());
    }
    return Optional.of(fields.struct());
  }

  private static String phase(CatchUpPhase phase) {
    var name = phase.name();
    return name.substring(name.lastIndexOf('_') + 1).toLowerCase(Locale.ROOT);
  }

  /// One line; empty while nothing is taken over.
  public static Optional<String> line(SpaceStatus space) {
    if (!space.hasCatchingUp()) {
      return Optional.empty();
    }
    var it = space.getCatchingUp();
    return Optional.of(
        switch (it.getPhase()) {
          case CATCH_UP_PHASE_COMPARING ->
              "compares its state with that of " + donor(it) + ", to take over what differs";
          case CATCH_UP_PHASE_FETCHING ->
              "takes over the state of " + donor(it) + ": " + String.join(", ", pace(it));
          case CATCH_UP_PHASE_PROVING ->
              "has another member confirm the state that it took over from " + donor(it);
          case CATCH_UP_PHASE_JOINING ->
              "joins the state that it took over with its own; reads show it already";
          case CATCH_UP_PHASE_UNSPECIFIED, UNRECOGNIZED -> "takes over the state of " + donor(it);
        });
  }

  private static String donor(CatchingUp it) {
    if (!it.getDonorName().isEmpty()) {
      return ViewText.line(it.getDonorName());
    }
    var id = ViewText.line(it.getDonor());
    return id.isEmpty()
        ? "another member"
        : id.substring(0, Math.min(FINGERPRINT_SHOWN, id.length()));
  }

  private static List<String> pace(CatchingUp it) {
    var parts = new ArrayList<String>();
    double share = PERCENT * it.getFetched() / Math.max(1, it.getCells());
    parts.add(
        String.format(
            Locale.ROOT,
            "%,d of at most %,d cells (%.0f %%)",
            it.getFetched(),
            it.getCells(),
            Math.floor(share)));
    if (it.hasBytesPerSecond()) {
      parts.add(bytes(it.getBytesPerSecond()) + "/s");
    }
    if (it.hasRemainingMillis()) {
      parts.add("at most " + time(Duration.ofMillis(it.getRemainingMillis())) + " left");
    }
    return parts;
  }

  static String bytes(long bytes) {
    double size = bytes;
    int unit = 0;
    while (size >= THOUSAND && unit < UNITS.size() - 1) {
      size /= THOUSAND;
      unit++;
    }
    var form = unit == 0 || size >= PERCENT ? "%.0f %s" : "%.1f %s";
    return String.format(Locale.ROOT, form, size, UNITS.get(unit));
  }

  /// A length of time in one unit, rounded up.
  static String time(Duration length) {
    long seconds = Math.max(1, Math.ceilDiv(length.toMillis(), 1_000L));
    if (seconds <= UNIT_MOST) {
      return seconds + " s";
    }
    long minutes = Math.ceilDiv(seconds, 60L);
    return minutes <= UNIT_MOST ? minutes + " min" : Math.ceilDiv(minutes, 60L) + " h";
  }
}

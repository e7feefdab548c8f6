package io.starling.node.cli.doctor;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.cli.survey.NodeHttp;
import io.starling.node.cli.survey.NodeReport;
import io.starling.node.json.JsonText;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// How far the clocks of nodes are from this machine's.
final class ClockChecks {

  private static final Duration WELL = Duration.ofMillis(500);
  private static final Duration MAX = Duration.ofSeconds(30);
  private static final double MILLIS_PER_SECOND = 1e3;

  private ClockChecks() {}

  /// @param ahead how far the node's clock is ahead of this machine's
  /// @param within how far off that may be: half of the round trip
  record Offset(Duration ahead, Duration within) {}

  /// Asks a node for its time; empty if it does not tell.
  static Optional<Offset> ask(NodeReport node) throws InterruptedException {
    // The first request pays for the connection and for loading classes.
    if (NodeHttp.get(node, "/api/health/live").isEmpty()) {
      return Optional.empty();
    }
    long before = System.currentTimeMillis();
    var answer = NodeHttp.get(node, "/api/v1/status");
    long after = System.currentTimeMillis();
    return answer
        .flatMap(ClockChecks::now)
        .map(now -> {
          long middle = before + (after - before) / 2;
          return new Offset(
              Duration.ofMillis(now - middle), Duration.ofMillis((after - before) / 2));
        });
  }

  private static Optional<Long> now(String status) {
    try {
      if (JsonText.parse(status) instanceof Value.Struct(var fields)
          && fields.get("nowMillis") instanceof Value.Int(long now)) {
        return Optional.of(now);
      }
    } catch (MalformedException foreign) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /// What is thought of an offset, granting what was not measured.
  static Finding of(String node, Offset offset) {
    var off = offset.ahead().abs().minus(offset.within());
    double seconds = offset.ahead().toMillis() / MILLIS_PER_SECOND;
    var what = String.format(Locale.ROOT, "its clock is %+.3f s from this machine's", seconds);
    var todo = "set the clocks by chrony or systemd-timesyncd, here and there";
    if (off.compareTo(MAX) > 0) {
      return Finding.fail("clock", node, what, todo);
    }
    return off.compareTo(WELL) > 0
        ? Finding.warn("clock", node, what, todo)
        : Finding.ok("clock", node, what);
  }
}

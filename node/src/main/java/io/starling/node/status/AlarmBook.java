package io.starling.node.status;

import io.starling.node.status.NodeStatus.Alarm;
import io.starling.replica.Effect;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The alarms of a node since its start, counted by space and kind: so as many entries as there are
/// spaces and kinds, however often they are raised. Safe to use from any thread.
public final class AlarmBook {

  private final Map<Source, Alarm> alarms = new HashMap<>();

  private record Source(String space, Effect.Kind kind) {}

  public synchronized void raise(String space, Effect.Alarm raised, Instant now) {
    alarms.merge(
        new Source(space, raised.kind()),
        new Alarm(space, raised.kind(), raised.message(), 1, now),
        (before, latest) ->
            new Alarm(space, raised.kind(), latest.message(), before.count() + 1, now));
  }

  /// A space is here no longer; one of the same name would have nothing to do with these.
  public synchronized void forget(String space) {
    alarms.keySet().removeIf(source -> source.space().equals(space));
  }

  /// The latest first.
  public synchronized List<Alarm> latest() {
    return alarms.values().stream().sorted(Comparator.comparing(Alarm::last).reversed()).toList();
  }
}

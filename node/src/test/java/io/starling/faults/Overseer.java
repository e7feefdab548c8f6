package io.starling.faults;

import io.starling.proto.v1.Alarm;
import io.starling.proto.v1.SpaceCondition;
import io.starling.proto.v1.SpaceStatus;
import io.starling.proto.v1.StatusResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// Looks at what the nodes say of themselves, all the time: alarms, and spaces that stand still.
final class Overseer implements Runnable {

  private static final long LOOK_MILLIS = 500;

  private final List<Member> members;
  private final Set<String> complaints = new ConcurrentSkipListSet<>();
  private volatile boolean isStopped;

  Overseer(List<Member> members) {
    this.members = members;
  }

  @Override
  public void run() {
    try {
      while (!isStopped) {
        members.forEach(member -> member.status().ifPresent(this::look));
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  void stop() {
    isStopped = true;
  }

  // None of what is done here gives a reason for any alarm.
  private void look(StatusResponse status) {
    for (Alarm alarm : status.getAlarmsList()) {
      complaints.add(
          "%s raises %s of '%s': %s"
              .formatted(status.getName(), alarm.getKind(), alarm.getSpace(), alarm.getMessage()));
    }
    for (var space : status.getSpacesList()) {
      if (space.getCondition() == SpaceCondition.SPACE_CONDITION_FAILED) {
        complaints.add(
            "%s: '%s' has failed: %s"
                .formatted(status.getName(), space.getName(), space.getReason()));
      }
    }
  }

  /// False alarms, and spaces that have met a bug.
  Set<String> complaints() {
    return complaints;
  }

  /// Why the nodes are not all at the same; empty if they are.
  List<String> differences() {
    var told = new ArrayList<String>();
    var states = new ArrayList<Set<String>>();
    for (var member : members) {
      Optional<StatusResponse> status = member.status();
      if (status.isEmpty()) {
        told.add(member.name() + " does not answer");
        continue;
      }
      var spaces = status.get().getSpacesList();
      states.add(spaces.stream().map(Overseer::state).collect(Collectors.toSet()));
      spaces.stream()
          .filter(it -> it.getBuffered() > 0)
          .forEach(it ->
              told.add(
                  "%s: %d batches of '%s' wait"
                      .formatted(member.name(), it.getBuffered(), it.getName())));
    }
    if (states.stream().distinct().count() > 1) {
      told.add("they differ: " + states);
    }
    return told;
  }

  private static String state(SpaceStatus space) {
    return "%s at %s, %s, digest %s, closed %s, token %d"
        .formatted(
            space.getName(),
            new java.util.TreeMap<>(space.getVersionVectorMap()),
            space.getCondition(),
            space.getDigest(),
            space.getClosed(),
            space.getToken().hashCode());
  }
}

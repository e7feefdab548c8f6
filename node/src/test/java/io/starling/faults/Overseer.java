package io.starling.faults;

import io.starling.faults.history.Verdict;
import io.starling.proto.v1.Alarm;
import io.starling.proto.v1.SpaceCondition;
import io.starling.proto.v1.SpaceStatus;
import io.starling.proto.v1.StatusResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/// Looks at what the nodes say of themselves, all the time: alarms, and spaces that stand still.
final class Overseer implements Runnable {

  private static final String QUIET = "I16 no alarm is false, no space has failed";
  private static final String LOOKED = "I16 each node was looked at, in the end too";
  private static final long LOOK_MILLIS = 500;

  /// After all is over: what is alarmed then comes a moment after what it is about.
  private static final int LAST_ROUNDS = 4;

  private final List<Member> members;
  private final Set<String> complaints = new ConcurrentSkipListSet<>();
  private final Map<String, LongAdder> looks = new ConcurrentSkipListMap<>();
  private volatile boolean isStopped;

  Overseer(List<Member> members) {
    this.members = members;
  }

  @Override
  public void run() {
    try {
      while (!isStopped) {
        round();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  void stop() {
    isStopped = true;
  }

  /// Looks some more times, once it has stopped.
  void lookLast() throws InterruptedException {
    for (int i = 0; i < LAST_ROUNDS; i++) {
      round();
    }
  }

  private void round() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    for (var member : members) {
      var status = member.status();
      status.ifPresent(this::look);
      if (status.isPresent()) {
        looks.computeIfAbsent(member.name(), _ -> new LongAdder()).increment();
      }
    }
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

  /// Counts each look, false alarms, and spaces that have met a bug.
  ///
  /// @param least how often each node has to have been looked at before the end
  void judge(Verdict verdict, int least) {
    complaints.forEach(it -> verdict.require(QUIET, false, () -> it));
    for (var member : members) {
      var times = Optional.ofNullable(looks.get(member.name())).map(LongAdder::sum).orElse(0L);
      for (long i = 0; i < times; i++) {
        verdict.require(QUIET, true, () -> "");
      }
      verdict.require(
          LOOKED, times >= least + LAST_ROUNDS, () -> member.name() + " " + times + " times");
    }
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

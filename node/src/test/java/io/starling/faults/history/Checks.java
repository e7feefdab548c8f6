package io.starling.faults.history;

import io.starling.faults.history.Operation.Read;
import io.starling.faults.history.Operation.Write;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What must hold of a history. The names are those of the simulator's checks, as far as the
/// clients alone can tell.
public final class Checks {

  public static final String KEPT = "I6 nothing acknowledged is lost, nothing refused is done";
  public static final String MEANT = "I7 reads are what the history means";
  public static final String WRITTEN = "I8 nothing is there that nobody wrote";
  public static final String SESSIONS = "I9 sessions read what they wrote and read before";
  public static final String FOLLOWING = "I9 writes follow what they answer to";
  public static final String SERVED = "I10 every request is served alone";
  public static final String CONVERGED = "I11 all nodes show the same in the end";
  public static final String SUMMED = "I13 counters sum what was done, each once";

  private final History history;
  private final Verdict verdict;
  private final Map<String, Map<Integer, Write>> written = new HashMap<>();

  private Checks(History history, Verdict verdict) {
    this.history = history;
    this.verdict = verdict;
    for (var operation : history.operations()) {
      if (operation instanceof Write write) {
        writesOf(write.object()).put(write.number(), write);
      }
    }
  }

  /// Looks at all of it.
  public static Verdict of(History history) {
    var verdict = new Verdict();
    var checks = new Checks(history, verdict);
    checks.reads().forEach(checks::meaning);
    checks.reads().forEach(checks::following);
    checks.sessions();
    checks.served();
    checks.kept();
    checks.converged();
    return verdict;
  }

  private Map<Integer, Write> writesOf(String object) {
    return written.computeIfAbsent(object, _ -> new HashMap<>());
  }

  private Stream<Read> reads() {
    var during = history.operations().stream().filter(Read.class::isInstance).map(Read.class::cast);
    return Stream.concat(during, history.last().stream()).filter(read -> read.cut().isPresent());
  }

  /// Behind what a read says that it shows, all else follows.
  private void meaning(Read read) {
    var cut = read.cut().orElseThrow();
    var writes = writesOf(read.object());
    boolean isKnown = cut.writes().stream().allMatch(writes::containsKey);
    verdict.require(WRITTEN, isKnown, () -> read + " shows " + cut + " of " + writes.keySet());
    if (!isKnown) {
      return;
    }
    cut.writes().stream()
        .mapToObj(writes::get)
        .forEach(write ->
            verdict.require(
                KEPT, write.outcome() != Outcome.REFUSED, () -> read + " shows " + write));
    var meaning = new Meaning(writes, cut.writes());
    verdict.require(
        SUMMED,
        cut.count() == meaning.count(),
        () -> read + " counts " + cut.count() + ", not " + meaning.count() + ": " + cut);
    verdict.require(
        MEANT,
        meaning.items().allows(cut.items()),
        () -> read + " has " + cut.items() + ", not " + meaning.items() + ": " + cut);
    verdict.require(
        MEANT,
        meaning.values().allows(cut.values()),
        () -> read + " has values " + cut.values() + ", not " + meaning.values() + ": " + cut);
  }

  /// Whoever sees a write sees what it answers to.
  private void following(Read read) {
    var cut = read.cut().orElseThrow();
    var writes = writesOf(read.object());
    cut.writes().stream()
        .mapToObj(number -> Optional.ofNullable(writes.get(number)))
        .flatMap(Optional::stream)
        .forEach(write ->
            write
                .seen()
                .filter(Operation.Seen::isExact)
                .ifPresent(seen ->
                    verdict.require(
                        FOLLOWING,
                        cut.writes().covers(seen.writes()),
                        () ->
                            "%s shows %s, and not %s, to which it answers"
                                .formatted(read, write, seen.writes().without(cut.writes())))));
  }

  private void sessions() {
    record Sight(String session, String object) {}
    var sights = new HashMap<Sight, Writes>();
    for (var operation : history.operations()) {
      var sight = new Sight(operation.call().session(), operation.object());
      var before = sights.getOrDefault(sight, Writes.NONE);
      switch (operation) {
        case Write write -> {
          if (write.outcome() == Outcome.DONE) {
            sights.put(sight, before.and(Writes.of(write.number())));
          }
        }
        case Read read ->
            read.cut()
                .ifPresent(cut -> {
                  verdict.require(
                      SESSIONS,
                      cut.writes().covers(before),
                      () -> read + " does not show " + before.without(cut.writes()));
                  sights.put(sight, before.and(cut.writes()));
                });
      }
    }
  }

  private void served() {
    for (var operation : history.operations()) {
      var call = operation.call();
      if (call.isOwed() && history.absences().stream().noneMatch(it -> it.excuses(call))) {
        boolean isServed =
            switch (operation) {
              case Write write -> write.outcome() == Outcome.DONE;
              case Read read -> read.cut().isPresent();
            };
        verdict.require(SERVED, isServed, () -> operation + " was not served");
      }
    }
  }

  private void kept() {
    var shown = new HashMap<String, Map<String, Writes>>();
    for (var read : history.last()) {
      shown
          .computeIfAbsent(read.call().node(), _ -> new HashMap<>())
          .put(read.object(), read.cut().map(Cut::writes).orElse(Writes.NONE));
    }
    for (var operation : history.operations()) {
      if (operation instanceof Write write && write.outcome() == Outcome.DONE) {
        shown.forEach((node, objects) ->
            verdict.require(
                KEPT,
                objects.getOrDefault(write.object(), Writes.NONE).contains(write.number()),
                () -> node + " does not have " + write));
      }
    }
  }

  private void converged() {
    var first = new HashMap<String, Read>();
    for (var read : history.last()) {
      var other = first.putIfAbsent(read.object(), read);
      verdict.require(
          CONVERGED,
          other == null || other.cut().equals(read.cut()),
          () -> read + " has " + read.cut() + "; " + other);
    }
    var touched = new TreeSet<>(written.keySet());
    touched.removeAll(first.keySet());
    verdict.require(CONVERGED, touched.isEmpty(), () -> "nobody looked at " + touched);
  }
}

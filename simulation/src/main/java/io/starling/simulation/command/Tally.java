package io.starling.simulation.command;

import io.starling.simulation.Report;
import io.starling.simulation.check.Checks.Finding;
import io.starling.simulation.scenario.Scenario;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What many runs came to, summed up.
public final class Tally {

  private final SortedMap<String, Finding> findings = new TreeMap<>(Tally::byNumber);
  private final SortedMap<String, Long> counts = new TreeMap<>();
  private final SortedSet<Scenario> scenarios = new TreeSet<>();

  /// Hashes of runs that are kept.
  public static final int HASHES_MAX = 10_000;

  private final List<String> hashes = new ArrayList<>();
  private Optional<Report> first = Optional.empty();
  private Optional<Report> last = Optional.empty();
  private Duration virtual = Duration.ZERO;
  private long runs;
  private long rounds;

  /// Adds a run.
  void add(Report report) {
    first = first.or(() -> Optional.of(report));
    last = Optional.of(report);
    scenarios.add(report.plan().scenario());
    runs++;
    if (hashes.size() < HASHES_MAX) {
      hashes.add(report.traceHash());
    }
    virtual = virtual.plus(report.virtual());
    rounds = Math.max(rounds, report.rounds());
    report.findings().forEach(it -> findings.merge(it.name(), it, Tally::sum));
    report
        .counts()
        .forEach((what, count) ->
            counts.merge(what, count, what.startsWith("most ") ? Math::max : Long::sum));
  }

  private static Finding sum(Finding a, Finding b) {
    return new Finding(
        a.name(), a.evaluations() + b.evaluations(), a.violations() + b.violations());
  }

  /// The run of the first seed.
  public Report first() {
    return first.orElseThrow(() -> new IllegalStateException("no run yet"));
  }

  /// The run of the last seed: the one that failed, if one did.
  public Report last() {
    return last.orElseThrow(() -> new IllegalStateException("no run yet"));
  }

  /// Whether every check of every run held.
  public boolean isOk() {
    return last().isOk();
  }

  /// Those that were run.
  public SortedSet<Scenario> scenarios() {
    return Collections.unmodifiableSortedSet(scenarios);
  }

  public long runs() {
    return runs;
  }

  /// What each check came to, those with lower numbers first.
  public SortedMap<String, Finding> findings() {
    return Collections.unmodifiableSortedMap(findings);
  }

  /// How often what happened; what begins with `most` is the most of all runs.
  public SortedMap<String, Long> counts() {
    return Collections.unmodifiableSortedMap(counts);
  }

  /// What clients and operators have asked for: transactions and reads.
  public long operations() {
    return counts.getOrDefault("submitted", 0L) + counts.getOrDefault("reads", 0L);
  }

  /// Faults of all kinds.
  public long faults() {
    return counts.headMap("fault;").tailMap("fault:").values().stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  /// Of each run, in the order of seeds, up to [#HASHES_MAX].
  public List<String> hashes() {
    return Collections.unmodifiableList(hashes);
  }

  /// The most rounds that it took nodes to converge.
  public long rounds() {
    return rounds;
  }

  /// How much virtual time went by.
  public Duration virtual() {
    return virtual;
  }

  /// `I2` before `I10`.
  private static int byNumber(String a, String b) {
    int order = Integer.compare(number(a), number(b));
    return order != 0 ? order : a.compareTo(b);
  }

  private static int number(String name) {
    var digits = name.startsWith("I") ? name.substring(1).split(" ", 2)[0] : "";
    return digits.matches("[0-9]{1,4}") ? Integer.parseInt(digits) : Integer.MAX_VALUE;
  }
}

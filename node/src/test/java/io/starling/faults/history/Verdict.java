package io.starling.faults.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/// How often each check was looked at, and what it found. For one thread.
public final class Verdict {

  /// Of one check; what follows is counted only.
  private static final int TOLD_MAX = 5;

  private final Map<String, Long> looked = new TreeMap<>();
  private final Map<String, List<String>> found = new TreeMap<>();

  /// Notes a violation, unless it holds.
  public void require(String check, boolean holds, Supplier<String> violation) {
    looked.merge(check, 1L, Long::sum);
    if (!holds) {
      found.computeIfAbsent(check, _ -> new ArrayList<>()).add(violation.get());
    }
  }

  public boolean isClean() {
    return found.isEmpty();
  }

  /// How often each check was looked at.
  public Map<String, Long> looked() {
    return Map.copyOf(looked);
  }

  /// The checks that found something.
  public List<String> violated() {
    return List.copyOf(found.keySet());
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    looked.forEach((check, times) -> {
      var violations = found.getOrDefault(check, List.of());
      text.append("%-60s %8d looks, %d violations%n".formatted(check, times, violations.size()));
      violations.stream()
          .limit(TOLD_MAX)
          .forEach(it -> text.append("    ").append(it).append('\n'));
    });
    return text.toString();
  }
}

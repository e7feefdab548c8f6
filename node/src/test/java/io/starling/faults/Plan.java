package io.starling.faults;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// When what goes wrong, drawn from a seed: two lanes of faults, one of the network and one of the
/// processes, each beginning with one of every kind.
record Plan(long seed, List<Fault> network, List<Fault> processes) {

  private static final int GAP_MILLIS = 700;
  private static final int SHORT_MILLIS = 2_500;
  private static final int LONG_MILLIS = 25_000;

  /// @param nodes at least 3: two cannot be cut with one that reaches both
  /// @param millis for so long at least, each kind once at least
  static Plan draw(long seed, int nodes, long millis) {
    if (nodes < 3) {
      throw new IllegalArgumentException("three nodes at least: " + nodes);
    }
    var random = new Random(seed);
    return new Plan(seed, lane(random, nodes, millis, true), lane(random, nodes, millis, false));
  }

  private static List<Fault> lane(Random random, int nodes, long millis, boolean isOfTheNetwork) {
    var kinds =
        Stream.of(FaultKind.values()).filter(it -> it.isOfTheNetwork() == isOfTheNetwork).toList();
    var first = new ArrayList<>(kinds);
    Collections.shuffle(first, random);
    var faults = new ArrayList<Fault>();
    long now = GAP_MILLIS;
    for (int i = 0; i < first.size() || now < millis; i++) {
      boolean isFirst = i < first.size();
      var kind = isFirst ? first.get(i) : kinds.get(random.nextInt(kinds.size()));
      long lasts = SHORT_MILLIS + random.nextInt(isFirst ? SHORT_MILLIS : LONG_MILLIS);
      faults.add(new Fault(kind, numbers(random, nodes), amount(random, kind), now, lasts));
      now += lasts + GAP_MILLIS + random.nextInt(2 * GAP_MILLIS);
    }
    return List.copyOf(faults);
  }

  private static List<Integer> numbers(Random random, int nodes) {
    var numbers = new ArrayList<>(IntStream.range(0, nodes).boxed().toList());
    Collections.shuffle(numbers, random);
    return List.copyOf(numbers);
  }

  private static int amount(Random random, FaultKind kind) {
    return switch (kind) {
      case LOSS -> 5 + random.nextInt(21);
      case LATENCY -> 50 + random.nextInt(351);
      // None at all, or less than what a node wants free.
      case DISK_FULL -> random.nextBoolean() ? 0 : 8;
      case HALVES, ISOLATION, ONE_WAY, BRIDGE, PAUSE, KILL, RESTART, ANSWERS_LOST -> 0;
    };
  }

  @Override
  public String toString() {
    return Stream.concat(network.stream(), processes.stream())
        .map(Fault::toString)
        .collect(Collectors.joining("\n", "the plan of seed " + seed + ":\n", ""));
  }
}

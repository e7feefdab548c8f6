package io.starling.simulation.script;

import io.starling.replica.request.Mutation;
import java.time.Duration;
import java.util.List;

/// Something that happens for a while.
public sealed interface Step {

  /// When it begins, and when it ends, since the run began.
  record Span(Duration from, Duration until) {
    public Span {
      if (from.isNegative() || until.compareTo(from) <= 0) {
        throw new IllegalArgumentException(
            "a span must end after it begins: " + text(from) + ".." + text(until));
      }
    }

    @Override
    public String toString() {
      return text(from) + ".." + text(until);
    }

    private static String text(Duration time) {
      long millis = time.toMillis();
      return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
    }
  }

  Span span();

  /// The line of a script that says it.
  String text();

  /// Groups that cannot reach each other. A node in none of them reaches all.
  record Split(Span span, List<List<Integer>> groups, String text) implements Step {}

  /// What the first send does not reach the second; the other way it does.
  record OneWay(Span span, List<Integer> from, List<Integer> to, String text) implements Step {}

  /// Nodes stop without warning, and start again.
  record Stop(Span span, List<Integer> nodes, String text) implements Step {}

  /// Nodes stand still, and go on with what has piled up.
  record Pause(Span span, List<Integer> nodes, String text) implements Step {}

  /// Links between two groups are slow and lose frames, both ways.
  ///
  /// @param delay that a frame takes one way
  record Slow(
      Span span,
      List<Integer> one,
      List<Integer> other,
      Duration delay,
      int lossPerMille,
      String text)
      implements Step {}

  /// A client writes, at the begin of the span.
  record Write(Span span, int node, Mutation mutation, String text) implements Step {}
}

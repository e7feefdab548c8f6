package io.starling.node.bench;

import java.util.List;
import java.util.Locale;

/// Least, median and greatest of some figures: what is quoted of a noisy machine.
public record Spread(double min, double median, double max) {

  /// The spread of at least one figure.
  public static Spread of(List<Double> figures) {
    var sorted = figures.stream().sorted().toList();
    int middle = sorted.size() / 2;
    double median =
        sorted.size() % 2 == 1
            ? sorted.get(middle)
            : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    return new Spread(sorted.getFirst(), median, sorted.getLast());
  }

  /// A figure with three digits that count, or all that stand before the point.
  public static String text(double figure) {
    return String.format(Locale.ROOT, Math.abs(figure) >= 100 ? "%,.0f" : "%.3g", figure);
  }

  @Override
  public String toString() {
    return text(median) + " (" + text(min) + " to " + text(max) + ")";
  }
}

package io.starling.simulation.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A chart over time, as SVG that takes its colours from the page.
final class Chart {

  private static final int WIDTH = 960;
  private static final int LEFT = 64;
  private static final int RIGHT = 8;
  private static final int TOP = 18;
  private static final int BOTTOM = 22;
  private static final int TIME_MARKS = 8;
  private static final int VALUE_MARKS = 4;
  private static final List<Long> NICE_SECONDS =
      List.of(1L, 2L, 5L, 10L, 15L, 30L, 60L, 120L, 300L, 600L, 1_200L, 1_800L, 3_600L);

  private final long untilMillis;
  private final int height;
  private final StringBuilder svg = new StringBuilder();

  /// A span of time that is shaded, since somebody was cut off.
  record Band(long fromMillis, long untilMillis) {}

  /// @param height of what is drawn, without the axis
  /// @param description for those who do not see it
  Chart(long untilMillis, int height, List<Band> bands, String description) {
    this.untilMillis = untilMillis;
    this.height = height;
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox='0 0 %d %d' role='img' aria-label='%s'>",
            WIDTH,
            TOP + height + BOTTOM,
            escaped(description)));
    for (var band : bands) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect class='band' x='%.1f' y='%d' width='%.1f' height='%d'/>",
              x(band.fromMillis()),
              TOP,
              Math.max(1, x(band.untilMillis()) - x(band.fromMillis())),
              height));
    }
    timeAxis();
  }

  private void timeAxis() {
    long seconds = Math.max(1, untilMillis / 1_000);
    long step =
        NICE_SECONDS.stream()
            .filter(nice -> seconds / nice <= TIME_MARKS)
            .findFirst()
            .orElse(seconds);
    for (long at = 0; at <= seconds; at += step) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text class='axis' x='%.1f' y='%d' text-anchor='middle'>%ds</text>",
              x(at * 1_000),
              TOP + height + 15,
              at));
    }
  }

  /// A name at the left, at a height.
  void label(int y, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text class='axis' x='%d' y='%d' text-anchor='end'>%s</text>",
            LEFT - 8,
            TOP + y,
            escaped(text)));
  }

  /// A bar from one moment to another.
  void bar(String style, long fromMillis, long toMillis, int y, int thickness, String title) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect class='%s' x='%.1f' y='%d' width='%.1f' height='%d'><title>%s</title></rect>",
            style,
            x(fromMillis),
            TOP + y,
            Math.max(0.5, x(toMillis) - x(fromMillis)),
            thickness,
            escaped(title)));
  }

  /// Lines of what the left axis measures.
  void valueAxis(double most, String unit) {
    for (int mark = 0; mark <= VALUE_MARKS; mark++) {
      double value = most * mark / VALUE_MARKS;
      double y = y(value, most);
      svg.append(
          String.format(
              Locale.ROOT,
              "<line class='grid' x1='%d' x2='%d' y1='%.1f' y2='%.1f'/>",
              LEFT,
              WIDTH - RIGHT,
              y,
              y));
      svg.append(
          String.format(
              Locale.ROOT,
              "<text class='axis' x='%d' y='%.1f' text-anchor='end'>%s</text>",
              LEFT - 8,
              y + 4,
              number(value)));
    }
    svg.append(
        String.format(
            Locale.ROOT, "<text class='axis' x='%d' y='11'>%s</text>", LEFT, escaped(unit)));
  }

  /// A line through values.
  void line(String style, List<Long> atMillis, List<Double> values, double most) {
    var points = new ArrayList<String>();
    for (int i = 0; i < values.size(); i++) {
      points.add(
          String.format(Locale.ROOT, "%.1f,%.1f", x(atMillis.get(i)), y(values.get(i), most)));
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<polyline class='line %s' points='%s'/>",
            style,
            String.join(" ", points)));
  }

  String svg() {
    return svg + "</svg>";
  }

  /// The next number of which each quarter is round.
  static double niceMost(double most) {
    double unit = 1;
    while (true) {
      for (int nice : List.of(4, 8, 12, 20)) {
        if (most <= nice * unit) {
          return nice * unit;
        }
      }
      unit *= 10;
    }
  }

  static String number(double value) {
    if (value >= 1_000_000) {
      return String.format(Locale.ROOT, "%.1f M", value / 1_000_000);
    }
    if (value >= 10_000) {
      return String.format(Locale.ROOT, "%.0f k", value / 1_000);
    }
    boolean isWhole = value == Math.rint(value);
    return String.format(Locale.ROOT, isWhole ? "%.0f" : "%.1f", value);
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private double x(long millis) {
    return LEFT + (double) (WIDTH - LEFT - RIGHT) * Math.min(millis, untilMillis) / untilMillis;
  }

  private double y(double value, double most) {
    return TOP + height - height * value / most;
  }
}

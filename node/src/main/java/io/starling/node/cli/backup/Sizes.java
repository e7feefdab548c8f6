package io.starling.node.cli.backup;

import java.util.Locale;

/// Numbers of bytes for people.
final class Sizes {

  private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB"};

  private Sizes() {}

  static String of(long bytes) {
    if (bytes < 1_024) {
      return bytes + " B";
    }
    double size = bytes / 1_024.0;
    int unit = 0;
    while (size >= 1_000 && unit < UNITS.length - 1) {
      size /= 1_024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", size, UNITS[unit]);
  }
}

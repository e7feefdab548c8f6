package io.starling.node.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Times and sizes as people write them: `90s`, `24h`, `30d`; `512MiB`, `1GiB`.
final class Quantities {

  private static final Pattern TIME = Pattern.compile("([0-9]{1,9})(s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})(MiB|GiB|TiB)");
  private static final int BITS = 10;

  private Quantities() {}

  /// Reads a time.
  static final class Time implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      var match = TIME.matcher(text);
      if (!match.matches()) {
        throw new TypeConversionException("'" + text + "' is no time like 90s, 15m, 24h or 30d");
      }
      long number = Long.parseLong(match.group(1));
      return switch (match.group(2)) {
        case "s" -> Duration.ofSeconds(number);
        case "m" -> Duration.ofMinutes(number);
        case "h" -> Duration.ofHours(number);
        default -> Duration.ofDays(number);
      };
    }
  }

  /// Reads a size, in bytes.
  static final class Size implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      var match = SIZE.matcher(text);
      if (!match.matches()) {
        throw new TypeConversionException("'" + text + "' is no size like 512MiB, 1GiB or 2TiB");
      }
      long number = Long.parseLong(match.group(1));
      return switch (match.group(2)) {
        case "MiB" -> number << (2 * BITS);
        case "GiB" -> number << (3 * BITS);
        default -> number << (4 * BITS);
      };
    }
  }

  /// A time in its largest whole unit.
  static String of(Duration time) {
    long seconds = time.toSeconds();
    if (seconds > 0 && seconds % 86_400 == 0) {
      return time.toDays() + "d";
    }
    if (seconds > 0 && seconds % 3_600 == 0) {
      return time.toHours() + "h";
    }
    return seconds > 0 && seconds % 60 == 0 ? time.toMinutes() + "m" : seconds + "s";
  }

  /// Bytes, in a unit that fits.
  static String of(long bytes) {
    var units = new String[] {"B", "KiB", "MiB", "GiB", "TiB"};
    double size = bytes;
    int unit = 0;
    while (size >= 1 << BITS && unit < units.length - 1) {
      size /= 1 << BITS;
      unit++;
    }
    boolean isWhole = size == Math.rint(size);
    return String.format(Locale.ROOT, isWhole ? "%.0f %s" : "%.1f %s", size, units[unit]);
  }
}

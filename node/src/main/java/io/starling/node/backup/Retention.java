package io.starling.node.backup;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Which backups of one node are kept: the last ones, and of each of the last hours, days, weeks,
/// months and years that have one the latest. A backup that any rule keeps is kept.
///
/// Hours and days without a backup do not count, so that nothing goes because a node was away.
public record Retention(int last, int hourly, int daily, int weekly, int monthly, int yearly) {

  /// Keeps nothing: to be refused before anything is deleted.
  public static final Retention NOTHING = new Retention(0, 0, 0, 0, 0, 0);

  public Retention {
    if (last < 0 || hourly < 0 || daily < 0 || weekly < 0 || monthly < 0 || yearly < 0) {
      throw new IllegalArgumentException("a number of backups to keep is 0 or more");
    }
  }

  /// A backup and when it was taken.
  public record Dated(String backup, Instant taken) {}

  /// The backups that stay.
  ///
  /// @param backups of one node, in any order
  /// @param zone in which days begin
  public SortedSet<String> kept(List<Dated> backups, ZoneId zone) {
    var newest = new ArrayList<>(backups);
    newest.sort(
        Collections.reverseOrder(Comparator.comparing(Dated::taken).thenComparing(Dated::backup)));
    var kept = new TreeSet<String>();
    newest.stream().limit(last).map(Dated::backup).forEach(kept::add);
    // The week of a year that belongs to it by ISO 8601, whatever the locale.
    var periods = new TreeMap<String, Integer>();
    periods.put("uuuuMMddHH", hourly);
    periods.put("uuuuMMdd", daily);
    periods.put("YYYY'W'ww", weekly);
    periods.put("uuuuMM", monthly);
    periods.put("uuuu", yearly);
    periods.forEach((pattern, count) -> {
      var format =
          DateTimeFormatter.ofPattern(pattern, Locale.forLanguageTag("en-GB")).withZone(zone);
      var seen = new HashSet<String>();
      for (var backup : newest) {
        if (seen.size() < count && seen.add(format.format(backup.taken()))) {
          kept.add(backup.backup());
        }
      }
    });
    return kept;
  }
}

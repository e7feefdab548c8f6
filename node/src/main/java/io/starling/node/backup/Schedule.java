package io.starling.node.backup;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.ZoneOffset;

/// When backups are due, in the words of cron: minute, hour, day of the month, month, day of the
/// week. In UTC, in which no hour comes twice or not at all.
public final class Schedule {

  private final String text;
  private final ExecutionTime times;

  private Schedule(String text, ExecutionTime times) {
    this.text = text;
    this.times = times;
  }

  /// Reads five fields.
  ///
  /// @throws IllegalArgumentException if they are none, or name a time that never comes
  public static Schedule parse(String text) {
    var parser = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
    try {
      var schedule = new Schedule(text, ExecutionTime.forCron(parser.parse(text).validate()));
      schedule.next(Instant.EPOCH);
      return schedule;
    } catch (IndexOutOfBoundsException unfinished) {
      // What the parser makes of a slash or hyphen with nothing after it.
      throw new IllegalArgumentException("'" + text + "' lacks a number", unfinished);
    }
  }

  /// The first time after another.
  public Instant next(Instant after) {
    return times
        .nextExecution(after.atZone(ZoneOffset.UTC))
        .orElseThrow(() -> new IllegalArgumentException("'" + text + "' never comes"))
        .toInstant();
  }

  @Override
  public String toString() {
    return text;
  }
}

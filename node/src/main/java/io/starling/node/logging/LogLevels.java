package io.starling.node.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/// How much this process logs, by logger, until it is started again. Safe to use from any thread.
///
/// Each change is itself logged, by a logger whose level cannot be changed. Libraries write headers
/// and bytes at DEBUG, bearer tokens and values among them: below INFO only the node's own loggers
/// go, which never do.
public final class LogLevels {

  /// The logger of all.
  public static final String ROOT = Logger.ROOT_LOGGER_NAME;

  /// Loggers whose level can be changed at a time.
  public static final int CHANGED_MAX = 256;

  /// The words for levels, from nothing to everything.
  public static final List<String> LEVELS =
      List.of("OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE");

  private static final String OWN = "io.starling";
  private static final String AUDIT = "io.starling.audit";
  private static final Pattern NAME = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$.-]{0,199}");
  private static final org.slf4j.Logger CHANGES = LoggerFactory.getLogger(AUDIT);

  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();

  // What the loggers that were changed were set to before; empty for what those above them are.
  private final TreeMap<String, Optional<Level>> before = new TreeMap<>();

  /// A logger.
  ///
  /// @param level what it logs at, set for itself or for one above it
  /// @param isChanged whether it was changed since the start
  public record Entry(String logger, String level, boolean isChanged) {}

  /// The node's own loggers that have been used, and all whose level is set, by name.
  public synchronized List<Entry> all() {
    var entries = new ArrayList<Entry>();
    for (var logger : context.getLoggerList()) {
      if (logger.getLevel() != null || logger.getName().startsWith(OWN)) {
        entries.add(entry(logger.getName()));
      }
    }
    return entries;
  }

  /// What a logger logs at, whether it has been used or not.
  ///
  /// @throws IllegalArgumentException if that is no name; the message says so
  public synchronized Entry find(String name) {
    return entry(named(name));
  }

  /// Changes a logger's level.
  ///
  /// @param who for the log
  /// @throws IllegalArgumentException if it may not be; the message says why. Nothing has changed
  public synchronized Entry change(String who, String written, String level) {
    var name = named(written);
    if (!LEVELS.contains(level)) {
      throw new IllegalArgumentException("a level is one of " + String.join(", ", LEVELS));
    }
    var wanted = Level.toLevel(level);
    if (wanted.levelInt < Level.INFO_INT && !isOwn(name)) {
      throw new IllegalArgumentException(
          "below INFO libraries log what was sent, secrets too: only "
              + OWN
              + " and loggers below it can be set to "
              + level);
    }
    if (!before.containsKey(name) && before.size() >= CHANGED_MAX) {
      throw new IllegalArgumentException(
          CHANGED_MAX + " levels were changed, the most allowed; take some back first");
    }
    var logger = context.getLogger(name);
    before.putIfAbsent(name, Optional.ofNullable(logger.getLevel()));
    logger.setLevel(wanted);
    CHANGES.info("{} has set the level of {} to {}", who, name, level);
    return entry(name);
  }

  /// Takes a change back; harmless if there was none.
  public synchronized Entry reset(String who, String written) {
    var name = named(written);
    var was = before.remove(name);
    if (was != null) {
      context.getLogger(name).setLevel(was.orElse(null));
      CHANGES.info("{} has taken back the level of {}", who, name);
    }
    return entry(name);
  }

  private Entry entry(String name) {
    return new Entry(name, effective(name).toString(), before.containsKey(name));
  }

  /// Asks without making a logger: one that is made stays for good.
  private Level effective(String name) {
    var at = name;
    while (context.exists(at) == null) {
      int dot = at.lastIndexOf('.');
      at = dot < 0 ? ROOT : at.substring(0, dot);
    }
    return context.getLogger(at).getEffectiveLevel();
  }

  private static boolean isOwn(String name) {
    return name.equals(OWN) || name.startsWith(OWN + ".");
  }

  /// The one name of a logger: that of all is the same in small letters.
  private static String named(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "a logger is ROOT, or a name such as io.starling.node.transport: up to 200 of A-Z a-z 0-9"
              + " _ $ . -");
    }
    if (name.equals(AUDIT) || name.startsWith(AUDIT + ".")) {
      throw new IllegalArgumentException(AUDIT + " says who has changed what, and is never quiet");
    }
    return name.equalsIgnoreCase(ROOT) ? ROOT : name;
  }
}

package io.starling.node.logging;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.slf4j.LoggerFactory;

/// The form of the lines of a log. In either, what others send stands on one line, whatever it
/// holds: nobody can write a line that looks like another's.
public enum LogFormat {
  /// For people: time, level, logger, message.
  TEXT,
  /// For programs: an object on each line.
  JSON;

  private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(LogFormat.class);

  /// Has this process log in this form from now on, also what ends a thread, which would else be
  /// written past the log. The form at the start is TEXT.
  public void use() {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, thrown) -> LOG.error("a bug ended the thread '{}'", thread.getName(), thrown));
    if (this == TEXT) {
      return;
    }
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.iteratorForAppenders()
        .forEachRemaining(appender -> {
          if (appender instanceof OutputStreamAppender<ILoggingEvent> stream) {
            stream.setEncoder(json(context));
          }
        });
  }

  /// Time in milliseconds since 1970, level, thread, logger, message as it reads, what was thrown.
  static Encoder<ILoggingEvent> json(LoggerContext context) {
    var encoder = new JsonEncoder();
    encoder.setContext(context);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithContext(false);
    encoder.setWithMarkers(false);
    encoder.setWithMDC(false);
    encoder.setWithKVPList(false);
    encoder.setWithMessage(false);
    encoder.setWithArguments(false);
    encoder.setWithFormattedMessage(true);
    encoder.start();
    return encoder;
  }
}

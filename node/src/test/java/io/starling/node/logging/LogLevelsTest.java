package io.starling.node.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class LogLevelsTest {

  private static final String OWN = "io.starling.tried.LogLevelsTest";

  private final LogLevels levels = new LogLevels();

  private static boolean isDebug(String logger) {
    return LoggerFactory.getLogger(logger).isDebugEnabled();
  }

  @Test
  void aLevelHoldsAtOnceForTheLoggerAndThoseBelowAndIsTakenBack() {
    assertThat(isDebug(OWN)).isFalse();
    var changed = levels.change("token:x", "io.starling.tried", "DEBUG");
    assertThat(changed).isEqualTo(new LogLevels.Entry("io.starling.tried", "DEBUG", true));
    assertThat(isDebug(OWN)).isTrue();
    assertThat(levels.find(OWN).level()).isEqualTo("DEBUG");
    assertThat(levels.all()).contains(changed);
    levels.reset("token:x", "io.starling.tried");
    assertThat(isDebug(OWN)).isFalse();
    assertThat(levels.find("io.starling.tried").isChanged()).isFalse();
  }

  @Test
  void librariesAreNotTurnedBelowInfoForTheyWouldLogSecrets() {
    for (var name : new String[] {"io.grpc.netty", "io.netty", LogLevels.ROOT, "io.starlingx"}) {
      assertThatThrownBy(() -> levels.change("token:x", name, "DEBUG"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("secrets");
    }
    assertThat(levels.change("token:x", "io.grpc.tried", "INFO").level()).isEqualTo("INFO");
    levels.reset("token:x", "io.grpc.tried");
  }

  @Test
  void whatIsNoNameOrLevelIsRefusedAndAskingMakesNoLogger() {
    for (var name : new String[] {"", "a b", "a\nb", "x".repeat(201)}) {
      assertThatThrownBy(() -> levels.find(name)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> levels.change("token:x", OWN, "debug"))
        .hasMessageContaining("OFF, ERROR, WARN, INFO, DEBUG, TRACE");
    levels.find("io.starling.never.made");
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    assertThat(context.exists("io.starling.never.made")).isNull();
  }

  @Test
  void theLoggerOfAllIsOneHoweverItsNameIsWritten() {
    var before = levels.find(LogLevels.ROOT);
    try {
      var changed = levels.change("token:x", "root", "OFF");
      assertThat(changed).isEqualTo(new LogLevels.Entry(LogLevels.ROOT, "OFF", true));
      assertThat(levels.all()).contains(changed);
      levels.change("token:x", "Root", "ERROR");
    } finally {
      levels.reset("token:x", LogLevels.ROOT);
    }
    assertThat(levels.find("root")).isEqualTo(before);
  }

  @Test
  void changesAreBounded() {
    for (int i = 0; i < LogLevels.CHANGED_MAX; i++) {
      levels.change("token:x", "io.starling.tried.n" + i, "WARN");
    }
    assertThatThrownBy(() -> levels.change("token:x", "io.starling.tried.more", "WARN"))
        .hasMessageContaining("the most allowed");
    for (int i = 0; i < LogLevels.CHANGED_MAX; i++) {
      levels.reset("token:x", "io.starling.tried.n" + i);
    }
  }

  @Test
  void whoChangedWhatIsLoggedAndThatCannotBeSilenced() {
    var audit = (Logger) LoggerFactory.getLogger("io.starling.audit");
    audit.setLevel(ch.qos.logback.classic.Level.INFO);
    var heard = new ListAppender<ILoggingEvent>();
    heard.start();
    audit.addAppender(heard);
    try {
      levels.change("token:x", "io.starling", "ERROR");
      levels.reset("token:x", "io.starling");
      assertThat(heard.list)
          .extracting(ILoggingEvent::getFormattedMessage)
          .containsExactly(
              "token:x has set the level of io.starling to ERROR",
              "token:x has taken back the level of io.starling");
      assertThatThrownBy(() -> levels.change("token:x", "io.starling.audit", "OFF"))
          .hasMessageContaining("never quiet");
    } finally {
      audit.detachAppender(heard);
    }
  }
}

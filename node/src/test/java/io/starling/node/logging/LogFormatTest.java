package io.starling.node.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// The log as logback.xml has it, with what an attacker may send.
final class LogFormatTest {

  private static final String NASTY =
      "a\r\n2026-01-01T00:00:00.000Z ERROR Node: all is lost\u2028b\u0085c\u001b[31md\0e";

  private final LoggerContext context = new LoggerContext();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private OutputStreamAppender<ILoggingEvent> appender;

  @BeforeEach
  void configure() throws JoranException {
    context.setMDCAdapter(new LogbackMDCAdapter());
    var configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(Path.of("src/main/resources/logback.xml").toFile());
    appender = console();
    appender.setOutputStream(out);
  }

  @SuppressWarnings("unchecked") // Appenders of classic take events of logging.
  private OutputStreamAppender<ILoggingEvent> console() {
    return (OutputStreamAppender<ILoggingEvent>)
        context.getLogger(LogLevels.ROOT).getAppender("console");
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  private List<String> lines() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void whatEndsAThreadGoesToTheLogAndNotPastIt() throws InterruptedException {
    var before = Thread.getDefaultUncaughtExceptionHandler();
    var log = (Logger) LoggerFactory.getLogger(LogFormat.class);
    var logged = new ListAppender<ILoggingEvent>();
    logged.start();
    log.addAppender(logged);
    try {
      LogFormat.TEXT.use();
      Thread.ofVirtual()
          .name("http-3")
          .start(() -> {
            throw new IllegalStateException(NASTY);
          })
          .join();
    } finally {
      log.detachAppender(logged);
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertThat(logged.list)
        .singleElement()
        .satisfies(event -> {
          assertThat(event.getFormattedMessage()).contains("http-3");
          assertThat(event.getThrowableProxy().getMessage()).isEqualTo(NASTY);
        });
  }

  @Test
  void inTextAMessageIsOneLineWhateverItHolds() {
    context.getLogger("io.starling.node.Node").warn("a peer is called {}", NASTY);
    assertThat(lines()).hasSize(1);
    assertThat(lines().getFirst())
        .matches(
            "[0-9T:.-]+Z WARN  Node: a peer is called a 2026.* ERROR Node: all is lost b c .31md e")
        .doesNotMatch(".*\\p{Cntrl}.*");
  }

  @Test
  void inTextOnlyLinesOfAStackTraceFollowAMessage() {
    var thrown = new IllegalStateException(NASTY, new IOException("inner\nERROR fake"));
    context.getLogger("io.starling.node.Node").error("a bug", thrown);
    assertThat(lines().getFirst()).endsWith("ERROR Node: a bug");
    assertThat(lines().subList(1, lines().size()))
        .hasSizeGreaterThan(3)
        .allMatch(line ->
            line.matches(
                "(\\s+at .*|\\s+\\.\\.\\. .*|Caused by: .*|java.lang.IllegalStateException.*)"))
        .noneMatch(line -> line.chars().anyMatch(it -> it < 32 && it != '\t'));
  }

  @Test
  void inJsonEachLineIsAnObjectThatHoldsWhatWasSaid() throws IOException {
    appender.setEncoder(LogFormat.json(context));
    var log = context.getLogger("io.starling.node.Node");
    log.warn("a peer is called {}", NASTY);
    log.error("a bug", new IllegalStateException(NASTY));
    assertThat(lines()).hasSize(2);
    var first = parse(lines().getFirst());
    assertThat(first.get("level").asText()).isEqualTo("WARN");
    assertThat(first.get("loggerName").asText()).isEqualTo("io.starling.node.Node");
    assertThat(first.get("formattedMessage").asText()).isEqualTo("a peer is called " + NASTY);
    assertThat(first.get("timestamp").asLong()).isPositive();
    var second = parse(lines().getLast());
    assertThat(second.get("throwable").get("message").asText()).isEqualTo(NASTY);
    assertThat(second.get("throwable").get("stepArray").size()).isPositive();
  }

  private static JsonNode parse(String line) throws IOException {
    return new ObjectMapper().readTree(line);
  }
}

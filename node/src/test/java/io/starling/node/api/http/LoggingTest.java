package io.starling.node.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// Levels of the log, changed over REST.
final class LoggingTest {

  private static final String PLACE = "/api/v1/logging/";
  private static final String LOGGER = "io.starling.tried.http";

  private static ServedNode node;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    node = new ServedNode();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void aLevelIsChangedShownListedAndTakenBack() throws IOException, InterruptedException {
    var changed = node.call(ServedNode.ADMIN, "PUT", PLACE + LOGGER, "{\"level\":\"DEBUG\"}");
    var entry = "{\"logger\":\"" + LOGGER + "\",\"level\":\"DEBUG\",\"changed\":true}";
    assertThat(changed.statusCode()).isEqualTo(200);
    assertThat(changed.body()).isEqualTo(entry);
    assertThat(LoggerFactory.getLogger(LOGGER).isDebugEnabled()).isTrue();
    assertThat(node.call(ServedNode.ADMIN, "GET", PLACE + LOGGER, "").body()).isEqualTo(entry);
    assertThat(node.call(ServedNode.ADMIN, "GET", "/api/v1/logging", "").body()).contains(entry);
    var back = node.call(ServedNode.ADMIN, "DELETE", PLACE + LOGGER, "");
    assertThat(back.body()).contains("\"changed\":false");
    assertThat(LoggerFactory.getLogger(LOGGER).isDebugEnabled()).isFalse();
  }

  @Test
  void whatMayNotBeIsRefusedWithWhatMay() throws IOException, InterruptedException {
    assertRefused("io.netty", "{\"level\":\"DEBUG\"}", "secrets");
    assertRefused(LOGGER, "{\"level\":\"LOUD\"}", "OFF, ERROR, WARN, INFO, DEBUG, TRACE");
    assertRefused("io.starling.audit", "{\"level\":\"OFF\"}", "never quiet");
    assertRefused("a%0Ab", "{\"level\":\"INFO\"}", "a logger is ROOT, or a name");
    assertRefused(LOGGER, "{\"level\":\"INFO\",\"for\":\"1h\"}", "'for'");
  }

  private static void assertRefused(String logger, String body, String why)
      throws IOException, InterruptedException {
    var refused = node.call(ServedNode.ADMIN, "PUT", PLACE + logger, body);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
    assertThat(refused.body()).contains(why);
  }
}

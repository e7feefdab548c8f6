package io.starling.node.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The lab, over REST.
final class LabTest {

  private static final String PLACE = "/api/v1/lab";
  private static final String BODY =
      """
      {"sites":"a: n1,n2 | b: n3","steps":["500ms..900ms: split a | b"],"durationMillis":1500}\
      """;

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
  void anAdministratorRunsItAndReadersSeeTheReport() throws IOException, InterruptedException {
    assertThat(node.call(ServedNode.READER, "GET", PLACE, "").body()).isEqualTo("{}");
    assertThat(node.call(ServedNode.READER, "GET", PLACE + "/report", "").statusCode())
        .isEqualTo(404);
    assertThat(node.call(ServedNode.WRITER, "POST", PLACE, BODY).statusCode()).isEqualTo(403);

    var begun = node.call(ServedNode.ADMIN, "POST", PLACE, BODY);

    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
    assertThat(begun.body()).contains("\"state\":\"running\"", "--sites 'a: n1,n2 | b: n3'");
    assertThat(node.call(ServedNode.ADMIN, "POST", PLACE, BODY).statusCode()).isEqualTo(409);
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> node.call(ServedNode.READER, "GET", PLACE, "").body().contains("\"done\""));
    var report = node.call(ServedNode.READER, "GET", PLACE + "/report", "");
    assertThat(report.body()).startsWith("<!doctype html>");
    assertThat(report.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'", "sandbox");
  }

  @Test
  void whatCannotBeRunIsRefusedAtOnce() throws IOException, InterruptedException {
    refused("{\"sites\":\"a: n1\",\"steps\":[\"1s..2s: melt n1\"]}", "no step 'melt'");
    refused("{\"sites\":\"a: n1\",\"workload\":\"bank\"}", "no workload 'bank'");
    refused("{\"sites\":\"a: n1\",\"durationMillis\":0}", "a duration above 0");
    refused("{\"steps\":[]}", "'sites'");
    refused("{\"sites\":\"a: n1\",\"nodes\":3}", "'nodes'");
  }

  private static void refused(String body, String why) throws IOException, InterruptedException {
    var refused = node.call(ServedNode.ADMIN, "POST", PLACE, body);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
    assertThat(refused.body()).contains(why);
  }
}

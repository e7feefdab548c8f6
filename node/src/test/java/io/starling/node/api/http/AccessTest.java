package io.starling.node.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every route with every role.
final class AccessTest {

  private static ServedNode node;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    node = new ServedNode();
    node.call(ServedNode.ADMIN, "PUT", "/api/v1/spaces/main/keys/k", "1");
    node.call(ServedNode.ADMIN, "PUT", "/api/v1/spaces/_system/keys/k", "1");
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # method | path                             | body                 | nobody | bad | reader | writer | admin
          GET    | /api/v1/spaces/main/keys/k          |                       | 401 | 401 | 200 | 200 | 200
          PUT    | /api/v1/spaces/main/keys/k          | 2                     | 401 | 401 | 403 | 200 | 200
          POST   | /api/v1/spaces/main/keys/n          | {"op":"increment"}    | 401 | 401 | 403 | 200 | 200
          PATCH  | /api/v1/spaces/main/keys/m          | {"a":1}               | 401 | 401 | 403 | 200 | 200
          DELETE | /api/v1/spaces/main/keys/none       |                       | 401 | 401 | 403 | 200 | 200
          GET    | /api/v1/spaces/main/keys            |                       | 401 | 401 | 200 | 200 | 200
          POST   | /api/v1/spaces/main/transactions    | {"mutations":[{"key":"t","op":"increment"}]} | 401 | 401 | 403 | 200 | 200
          GET    | /api/v1/spaces/none/watch           |                       | 401 | 401 | 404 | 404 | 404
          GET    | /api/v1/spaces/_system/keys/k       |                       | 401 | 401 | 403 | 403 | 200
          PUT    | /api/v1/spaces/_system/keys/k       | 2                     | 401 | 401 | 403 | 403 | 200
          POST   | /api/v1/spaces/_system/keys/n       | {"op":"increment"}    | 401 | 401 | 403 | 403 | 200
          PATCH  | /api/v1/spaces/_system/keys/m       | {"a":1}               | 401 | 401 | 403 | 403 | 200
          DELETE | /api/v1/spaces/_system/keys/none    |                       | 401 | 401 | 403 | 403 | 200
          GET    | /api/v1/spaces/_system/keys         |                       | 401 | 401 | 403 | 403 | 200
          POST   | /api/v1/spaces/_system/transactions | {"mutations":[{"key":"t","op":"increment"}]} | 401 | 401 | 403 | 403 | 200
          GET    | /api/v1/spaces                      |                       | 401 | 401 | 200 | 200 | 200
          POST   | /api/v1/spaces                      | {"name":"main"}       | 401 | 401 | 403 | 403 | 200
          GET    | /api/v1/status                      |                       | 401 | 401 | 200 | 200 | 200
          GET    | /api/v1/activity                    |                       | 401 | 401 | 200 | 200 | 200
          GET    | /api/v1/logging                     |                       | 401 | 401 | 403 | 403 | 200
          GET    | /api/v1/logging/io.starling.tried   |                       | 401 | 401 | 403 | 403 | 200
          PUT    | /api/v1/logging/io.starling.tried   | {"level":"INFO"}      | 401 | 401 | 403 | 403 | 200
          DELETE | /api/v1/logging/io.starling.tried   |                       | 401 | 401 | 403 | 403 | 200
          GET    | /api/v1/session                     |                       | 401 | 401 | 200 | 200 | 200
          DELETE | /api/v1/session                     |                       | 401 | 401 | 204 | 204 | 204
          POST   | /api/v1/session                     | {"token":"st_x"}      | 401 | 401 | 401 | 401 | 401
          GET    | /sign-in?code=none                  |                       | 303 | 303 | 303 | 303 | 303
          GET    | /api/health                         |                       | 200 | 200 | 200 | 200 | 200
          GET    | /api/health/live                    |                       | 200 | 200 | 200 | 200 | 200
          GET    | /metrics                            |                       | 200 | 200 | 200 | 200 | 200
          """)
  void everyRouteWithEveryRole(
      String method,
      String path,
      String body,
      int nobody,
      int bad,
      int reader,
      int writer,
      int admin)
      throws IOException, InterruptedException {
    var sent = body == null ? "" : body;
    assertThat(node.call(ServedNode.NOBODY, method, path, sent).statusCode()).isEqualTo(nobody);
    assertThat(node.call("st_none_secret", method, path, sent).statusCode()).isEqualTo(bad);
    assertThat(node.call(ServedNode.READER, method, path, sent).statusCode()).isEqualTo(reader);
    assertThat(node.call(ServedNode.WRITER, method, path, sent).statusCode()).isEqualTo(writer);
    assertThat(node.call(ServedNode.ADMIN, method, path, sent).statusCode()).isEqualTo(admin);
  }

  @ParameterizedTest
  @CsvSource({"reader, false", "writer, false", "admin, true"})
  void onlyAdministratorsSeeTheSystemSpace(String role, boolean sees)
      throws IOException, InterruptedException {
    for (var path : new String[] {"/api/v1/spaces", "/api/v1/status"}) {
      var answer = node.call("st_" + role + "_secret", "GET", path, "");
      assertThat(answer.body().contains("\"_system\"")).isEqualTo(sees);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "X-Forwarded-For, 192.0.2.1",
    "Forwarded, for=192.0.2.1",
  })
  void metricsThatAreForwardedNeedAToken(String header, String value)
      throws IOException, InterruptedException {
    var request = node.request("/metrics").header(header, value);
    assertThat(node.send(request).statusCode()).isEqualTo(401);
  }
}

package io.starling.node.api.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.Node;
import io.starling.node.StartException;
import io.starling.node.config.ConfigException;
import io.starling.node.config.NodeConfig;
import io.starling.node.identity.IdentityException;
import io.starling.node.local.FreePorts;
import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalException;
import io.starling.node.local.Preparation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A client that nobody here wrote talks to a running node: `buf curl`, which learns the API by
/// reflection.
final class StockClientsTest {

  private static final Path BUF = Path.of("src/test/js/node_modules/.bin/buf").toAbsolutePath();

  @TempDir private static Path directory;

  private static LocalCluster cluster;
  private static Node node;
  private static String token;

  private record Result(int exit, String out, String err) {}

  @BeforeAll
  static void start()
      throws IOException, IdentityException, LocalException, ConfigException, StartException {
    cluster =
        Preparation.prepare(
            directory.resolve("data"), Optional.of(1), Optional.of(FreePorts.block()));
    var config = cluster.nodes().getFirst().config();
    node = Node.start(NodeConfig.read(config, Map.of()));
    token = Files.readString(cluster.tokenFile()).strip();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static Result run(List<String> command) throws IOException, InterruptedException {
    var out = directory.resolve("out");
    var err = directory.resolve("err");
    var process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    process.getOutputStream().close();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    return new Result(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private static Result curl(String bearer, String method, String json)
      throws IOException, InterruptedException {
    assertThat(BUF).as("npm's @bufbuild/buf, which Maven installs").isExecutable();
    var command = new ArrayList<>(List.of(BUF.toString(), "curl", "--protocol", "grpc"));
    command.addAll(List.of("--cacert", cluster.certificate().toString()));
    command.addAll(List.of("--header", "authorization: Bearer " + bearer));
    command.addAll(List.of("--data", json, url() + "/" + method));
    return run(command);
  }

  @Test
  void bufFindsTheContractsWellFormed() throws IOException, InterruptedException {
    var lint = run(List.of(BUF.toString(), "lint", Path.of("../proto").toString()));
    assertThat(lint.out() + lint.err()).isEmpty();
    assertThat(lint.exit()).isZero();
  }

  private static String url() {
    return "https://127.0.0.1:" + cluster.nodes().getFirst().grpcPort();
  }

  @Test
  void bufWritesAndReadsByReflection() throws IOException, InterruptedException {
    var mutation =
        """
        {"transaction": {"mutations": [
          {"path": {"key": "user/7"}, "merge": {"json": "{\\"name\\": \\"Ada\\"}"}},
          {"path": {"key": "visits"}, "increment": {"amount": "5"}}
        ]}}
        """;
    var applied = curl(token, "starling.v1.Starling/Apply", mutation);
    assertThat(applied.err()).isEmpty();
    assertThat(applied.out()).contains("\"operations\": 2").contains("\"token\"");

    var queries =
        """
        {"form": "FORM_JSON", "queries": [
          {"path": {"key": "user/7"}}, {"path": {"key": "visits"}}
        ]}
        """;
    var read = curl(token, "starling.v1.Starling/Read", queries);
    assertThat(read.err()).isEmpty();
    assertThat(read.out()).contains("{\\\"name\\\":\\\"Ada\\\"}").contains("\"json\": \"5\"");
  }

  @Test
  void bufIsToldWhatIsWrong() throws IOException, InterruptedException {
    var refused = curl("st_wrong", "starling.v1.Starling/Status", "{}");

    assertThat(refused.exit()).isNotZero();
    assertThat(refused.err())
        .contains("unauthenticated")
        .contains("does not know the bearer token")
        .contains("google.rpc.ErrorInfo");
  }

  @Test
  void bufAsksForStatusAndHealth() throws IOException, InterruptedException {
    assertThat(curl(token, "starling.v1.Starling/Status", "{}").out())
        .contains("\"name\": \"node-1\"")
        .contains("NODE_STATE_READY");
    assertThat(curl(token, "grpc.health.v1.Health/Check", "{}").out()).contains("SERVING");
  }
}

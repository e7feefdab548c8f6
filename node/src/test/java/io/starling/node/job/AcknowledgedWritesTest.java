package io.starling.node.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.starling.node.cli.Shell;
import io.starling.node.client.ClientException;
import io.starling.node.client.NodeClient;
import io.starling.node.identity.AuthorityCertificate;
import io.starling.node.identity.ClusterInit;
import io.starling.node.receipt.Receipt;
import io.starling.node.receipt.Verification;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.Query;
import io.starling.proto.v1.ReadRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is promised of writes across nodes, on three real ones, one of them cut off for a while.
final class AcknowledgedWritesTest {

  @TempDir private Path directory;

  @Test
  void acknowledgementsReceiptsAndTokensHoldInAPartition() throws Exception {
    try (var cluster = new JobCluster(directory.resolve("data"))) {
      cluster.up();
      var receipt = directory.resolve("receipt.json");
      var said =
          cluster.run(
              "set", "k", "1", "--durability", "all", "--wait", "30", "--receipt", "" + receipt);
      assertThat(said).isEqualTo("durable here and on 2 of 2 asked\n");
      assertThat(cluster.run("receipt", "verify", "" + receipt))
          .contains("good  node-1", "good  node-2", "good  node-3", "durable on 3 members");
      forgeriesAreFoundOut(cluster, receipt);

      cluster.cutOffThird();
      partly(cluster, receipt);
      try (var one = cluster.client(1);
          var two = cluster.client(2);
          var three = cluster.client(3)) {
        tokens(cluster, one, two, three);
      }
    }
  }

  private void partly(JobCluster cluster, Path receipt) {
    var words = List.of("set", "k", "2", "--durability", "all", "--wait", "1", "--receipt");
    var all = new java.util.ArrayList<>(words);
    all.addAll(List.of(receipt.toString(), "--data", directory.resolve("data").toString()));
    var some = Shell.run(all.toArray(String[]::new));
    assertThat(some.exit()).isEqualTo(1);
    assertThat(some.err()).contains("durable here and on 1 of 2 asked", "node-3");
    assertThat(cluster.run("receipt", "verify", "" + receipt)).contains("durable on 2 members");
    assertThat(cluster.run("set", "k", "3", "--durability", "1")).contains("on 1 of 1 asked");
  }

  private void forgeriesAreFoundOut(JobCluster cluster, Path file) throws Exception {
    var bytes = Files.readAllBytes(file);
    var receipt = Receipt.parse(bytes);
    var authority = cluster.authority();
    assertThat(Verification.of(receipt, authority).isGood()).isTrue();

    ClusterInit.create(directory.resolve("foreign"), "foreign");
    var foreign = AuthorityCertificate.read(directory.resolve("foreign").resolve("authority.pem"));
    assertThat(Verification.of(receipt, foreign).lines())
        .allSatisfy(line -> assertThat(line.flaw()).contains("the authority of another"));

    var first = receipt.statements().getFirst();
    byte[] body = first.body().clone();
    body[body.length - 1] ^= 1;
    forged(cluster, receipt, with(first, body, first.signature()), "signature is not good");
    var second = receipt.statements().get(1);
    forged(cluster, receipt, with(first, second.body(), second.signature()), "another node");
    forged(
        cluster,
        new Receipt(receipt.cluster(), "other", receipt.token(), receipt.statements()),
        first,
        "another space");
    var twice =
        new Receipt(receipt.cluster(), receipt.space(), receipt.token(), List.of(first, first));
    assertThat(Verification.of(twice, authority).lines().getLast().flaw()).contains("named twice");
    assertThat(Verification.of(with(receipt, List.of()), authority).isGood()).isFalse();

    Files.writeString(file, new String(bytes, StandardCharsets.UTF_8).replace("\"receipt\":1", ""));
    var refused =
        Shell.run("receipt", "verify", "" + file, "--data", directory.resolve("data").toString());
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains("is no receipt").doesNotContain("Exception");
  }

  private static void forged(
      JobCluster cluster, Receipt receipt, Receipt.Statement statement, String flaw)
      throws Exception {
    var verification = Verification.of(with(receipt, List.of(statement)), cluster.authority());
    assertThat(verification.isGood()).isFalse();
    assertThat(verification.lines().getFirst().flaw()).contains(flaw);
  }

  private static Receipt with(Receipt receipt, List<Receipt.Statement> statements) {
    return new Receipt(receipt.cluster(), receipt.space(), receipt.token(), statements);
  }

  private static Receipt.Statement with(
      Receipt.Statement statement, byte[] body, byte[] signature) {
    return new Receipt.Statement(
        statement.name(),
        statement.site(),
        statement.certificate(),
        statement.token(),
        body,
        signature);
  }

  /// A client that takes its token along reads its own writes and never something older, wherever
  /// it goes; a node that does not have that much says so in time.
  private static void tokens(JobCluster cluster, NodeClient one, NodeClient two, NodeClient three)
      throws Exception {
    var wrote = Editor.put(one, "session", "mine");
    var onTwo = read(two, wrote, 10);
    assertThat(onTwo.value()).isEqualTo("\"mine\"");
    assertThatThrownBy(() -> read(three, wrote, 1))
        .isInstanceOf(ClientException.class)
        .hasMessageContaining("has not yet applied what the read token covers");
    assertThat(read(three, ByteString.EMPTY, 1).value()).as("without a token").isEqualTo("null");
    // Both sides go on; what was read on one side is not unread on the other.
    Editor.put(three, "other", "theirs");
    var later = Editor.put(two, "session", "newer");
    assertThatThrownBy(() -> read(three, later, 1)).isInstanceOf(ClientException.class);
    assertThat(read(one, later, 10).value()).isEqualTo("\"newer\"");
    cluster.heal();
    var onThree = read(three, later, 60);
    assertThat(onThree.value()).isEqualTo("\"newer\"");
    assertThat(read(one, onThree.token(), 60).value()).isEqualTo("\"newer\"");
  }

  private record Reading(String value, ByteString token) {}

  private static Reading read(NodeClient client, ByteString token, int seconds)
      throws ClientException {
    var request = ReadRequest.newBuilder().setForm(Form.FORM_JSON).setToken(token);
    request.getWaitBuilder().setSeconds(seconds);
    var query = Query.newBuilder();
    query.getPathBuilder().setKey("session");
    var answer = client.read(request.addQueries(query).build());
    return new Reading(answer.getReadings(0).getJson(), answer.getToken());
  }
}

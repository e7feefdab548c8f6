package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.identity.AuthorityCertificate;
import io.starling.node.identity.ClusterInit;
import io.starling.node.json.JsonText;
import io.starling.node.receipt.Receipt;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What stands in a receipt was chosen by whoever sent it.
final class ReceiptCommandTest {

  private static final String STEERING = "one\u001b[2J\ngood  two";

  @TempDir private Path directory;
  private AuthorityCertificate authority;

  @BeforeEach
  void begin() throws Exception {
    authority = ClusterInit.create(directory.resolve("authority"), "flock");
  }

  @Test
  void namesOfABadStatementDoNotSteerTheTerminal() throws Exception {
    var token = new Token(SpaceId.of(authority.cluster(), "main", 0), List.of());
    var statement =
        new Receipt.Statement(STEERING, STEERING, new byte[3], token, new byte[3], new byte[3]);
    var receipt = new Receipt(authority.cluster(), STEERING, token, List.of(statement));
    var result = verify(JsonText.write(receipt.toJson()));
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out())
        .contains("BAD   one\\u001b[2J\\ngood  two (one\\u001b[2J")
        .hasLineCount(3)
        .doesNotContain("\u001b");
  }

  @Test
  void whatIsNoReceiptDoesNotSteerItEither() throws Exception {
    var result =
        verify(
            "{\"receipt\":1,\"statements\":[],\"space\":\"main\",\"cluster\":\"\\u001b[2J\\n\"}");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err()).contains("\\u001b[2J\\n").hasLineCount(1).doesNotContain("\u001b");
  }

  private Shell.Result verify(String receipt) throws Exception {
    var file = directory.resolve("receipt.json");
    Files.writeString(file, receipt);
    var certificate = directory.resolve("authority").resolve("authority.pem");
    return Shell.run("receipt", "verify", "" + file, "--ca", "" + certificate);
  }
}

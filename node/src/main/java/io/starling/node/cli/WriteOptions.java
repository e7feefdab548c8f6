package io.starling.node.cli;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.space.Level;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.ApplyResponse;
import io.starling.proto.v1.DurabilityLevel;
import io.starling.proto.v1.Transaction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import picocli.CommandLine.Option;

/// How a command's transaction is to be made, beside what it does.
final class WriteOptions {

  @Option(
      names = "--durability",
      paramLabel = "LEVEL",
      description = "where else it is to be durable: a number of members, all, or site")
  private Optional<String> level = Optional.empty();

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "how long to wait for that (default: 5; at most 60)")
  private int waitSeconds = 5;

  @Option(
      names = "--receipt",
      paramLabel = "FILE",
      description = "writes what members have signed; 'receipt verify' checks it")
  private Optional<Path> receipt = Optional.empty();

  @Option(
      names = "--idempotency-key",
      paramLabel = "NAME",
      description = "names the transaction, so that sending it again does not make it twice")
  private String key = "";

  /// The request for a transaction.
  ApplyRequest request(String space, Transaction.Builder transaction) throws CommandFailure {
    var request = ApplyRequest.newBuilder().setSpace(space);
    if (level.isPresent() || receipt.isPresent()) {
      request.setLevel(level(level.orElse("1")));
    }
    return request.setTransaction(transaction.setIdempotencyKey(key)).build();
  }

  private DurabilityLevel level(String word) throws CommandFailure {
    if (waitSeconds < 0 || waitSeconds > 60) {
      throw CommandFailure.usage("--wait is 0 to 60 seconds, not " + waitSeconds);
    }
    var message = DurabilityLevel.newBuilder();
    message.getWaitBuilder().setSeconds(waitSeconds);
    try {
      return switch (Level.parse(word)) {
        case Level.Local() -> message.build();
        case Level.Members(int count) -> message.setMembers(count).build();
        case Level.All() -> message.setAll(true).build();
        case Level.Sites() -> message.setSites(true).build();
      };
    } catch (IllegalArgumentException refused) {
      throw CommandFailure.usage("--durability: " + refused.getMessage());
    }
  }

  /// Keeps the receipt, where one is wanted.
  void keep(ApplyResponse answer) throws IOException {
    if (receipt.isPresent()) {
      var text = answer.getDurability().getReceipt() + "\n";
      Files.writeString(receipt.get(), text, StandardCharsets.UTF_8);
    }
  }

  /// The answer as an object.
  static Fields fields(ApplyResponse answer) {
    var token = Base64.getUrlEncoder().withoutPadding();
    var fields =
        new Fields()
            .put("operations", answer.getOperations())
            .put("token", token.encodeToString(answer.getToken().toByteArray()));
    if (answer.getRepeat()) {
      fields.put("repeat", true);
    }
    if (answer.hasDurability()) {
      var durability = answer.getDurability();
      fields.put(
          "durability",
          new Fields()
              .put("reached", durability.getReached())
              .put("summary", durability.getSummary())
              .putTexts("acknowledged", durability.getAcknowledgedList())
              .putTexts("missing", durability.getMissingList())
              .struct());
    }
    return fields;
  }

  /// Fails if it is not yet durable where it was to be.
  static void requireReached(ApplyResponse answer) throws CommandFailure {
    var durability = answer.getDurability();
    if (answer.hasDurability() && !durability.getReached()) {
      throw CommandFailure.refused(
          durability.getSummary()
              + "; it stands, and spreads as ever. No answer from: "
              + String.join(", ", durability.getMissingList()));
    }
  }
}

package io.starling.node.cli;

import io.starling.node.space.Level;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.DurabilityLevel;
import io.starling.proto.v1.Transaction;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /// Tells how far it got.
  ///
  /// @return the exit code
  int tell(io.starling.proto.v1.Durability durability, PrintWriter out)
      throws IOException, CommandFailure {
    if (receipt.isPresent()) {
      Files.writeString(receipt.get(), durability.getReceipt() + "\n", StandardCharsets.UTF_8);
    }
    if (!durability.getReached()) {
      throw CommandFailure.refused(
          durability.getSummary()
              + "; it stands, and spreads as ever. No answer from: "
              + String.join(", ", durability.getMissingList()));
    }
    out.println(durability.getSummary());
    return ExitCode.DONE;
  }
}

package io.starling.node.cli.survey;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.cli.context.Target;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.client.ClientException;
import io.starling.node.client.NodeClient;
import io.starling.node.json.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A node that is asked over HTTP to do what only administrators may: the first of some that
/// answers, and from then on that one.
public final class AdminCall {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final NodeReport node;

  private AdminCall(NodeReport node) {
    this.node = node;
  }

  /// The first node that answers, which says where its HTTP is.
  public static AdminCall to(List<Target> targets) throws IOException, CommandFailure {
    Optional<ClientException> last = Optional.empty();
    for (var target : targets) {
      try (var client = NodeClient.open(target.endpoint())) {
        var answer = Optional.of(client.status(PATIENCE));
        return new AdminCall(new NodeReport(target, Optional.empty(), answer, "", false));
      } catch (ClientException failed) {
        if (!failed.isUnreachable()) {
          throw CommandFailure.of(failed);
        }
        last = Optional.of(failed);
      }
    }
    throw last.map(CommandFailure::of)
        .orElseGet(() -> CommandFailure.unreachable("no node is known"));
  }

  /// What the node is called.
  public String name() {
    return node.name();
  }

  /// The body of the answer to a request.
  public String ask(String method, String path, Optional<String> body)
      throws CommandFailure, InterruptedException {
    var answered = NodeHttp.send(node, method, path, body);
    if (answered.isEmpty()) {
      throw CommandFailure.unreachable(node.name() + " does not answer over HTTP");
    }
    if (answered.get().status() / 100 != 2) {
      throw CommandFailure.refused(detail(answered.get()));
    }
    return answered.get().body();
  }

  /// The fields of an answer.
  public static Map<String, Value> parse(String answer) throws CommandFailure {
    try {
      return JsonText.parse(answer.getBytes(StandardCharsets.UTF_8))
              instanceof Value.Struct(var fields)
          ? fields
          : Map.of();
    } catch (MalformedException foreign) {
      throw CommandFailure.refused("what answers there is no node", foreign);
    }
  }

  private static String detail(NodeHttp.Answered refused) throws CommandFailure {
    return parse(refused.body()).get("detail") instanceof Value.Text(var detail)
        ? detail
        : "refused with status " + refused.status();
  }
}

package io.starling.node.api.rest;

import io.starling.node.status.NodeStatus;
import java.time.InstantSource;

/// What the node says of itself.
final class StatusEndpoints {

  private final NodeStatus.Source status;
  private final InstantSource clock;

  StatusEndpoints(NodeStatus.Source status, InstantSource clock) {
    this.status = status;
    this.clock = clock;
  }

  Answer status(Call call) throws Problem {
    var who = call.who();
    return Answer.json(200, out -> StatusJson.write(out, status.status(), who, clock.instant()));
  }

  Answer activity(Call call) throws Problem {
    var who = call.who();
    return Answer.json(200, out -> StatusJson.activity(out, status.status(), who));
  }

  /// Whether the node should be sent requests. Says no more than that, for anybody may ask.
  Answer health(Call call) {
    boolean isReady = status.status().isServing();
    return health(isReady ? 200 : 503, isReady ? "ready" : "not ready");
  }

  /// Whether the process answers.
  Answer alive(Call call) {
    return health(200, "alive");
  }

  private static Answer health(int status, String word) {
    return Answer.json(
        status,
        out -> {
          out.writeStartObject();
          out.writeStringField("status", word);
          out.writeEndObject();
        });
  }
}

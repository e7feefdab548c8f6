package io.starling.node.cli;

import io.starling.node.api.wire.WireMutations;
import io.starling.node.client.ClientException;
import io.starling.node.client.ClusterClient;
import io.starling.proto.v1.ApplyRequest;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.request.Mutation;
import java.io.IOException;

/// Statements that commands write into `_system`.
final class SystemWrite {

  private SystemWrite() {}

  /// One transaction of them all.
  static void apply(ClusterClient client, Mutation... mutations)
      throws ClientException, IOException {
    var request = ApplyRequest.newBuilder().setSpace(SpaceId.SYSTEM);
    for (var mutation : mutations) {
      request.getTransactionBuilder().addMutations(WireMutations.write(mutation));
    }
    client.apply(request.build());
  }
}

package io.starling.node.cli;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.identity.PeerAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// Where an invitation goes, and whom the invited node is to dial.
final class InvitationOptions {

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      defaultValue = "invitation.pem",
      description = "where to write the invitation (default: invitation.pem)")
  private Path out = Path.of("invitation.pem");

  @Option(names = "--peer", paramLabel = "HOST:PORT", description = "a peer to dial; repeatable")
  private List<String> peers = new ArrayList<>();

  Path out() {
    return out;
  }

  List<PeerAddress> peers() throws CommandFailure {
    var addresses = new ArrayList<PeerAddress>();
    for (var peer : peers) {
      try {
        addresses.add(PeerAddress.parse(peer));
      } catch (IllegalArgumentException malformed) {
        throw CommandFailure.usage(String.valueOf(malformed.getMessage()));
      }
    }
    return addresses;
  }
}

package io.starling.node.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The three keys of a node: for signing, for TLS towards peers, for TLS towards clients.
///
/// They are made on the node and never leave it.
record NodeKeys(NodeKey signing, TransportKey peer, TransportKey api) {

  static NodeKeys open(Path directory) throws IOException, IdentityException {
    return new NodeKeys(
        NodeKey.read(IdentityFiles.nodeKey(directory)),
        TransportKey.read(IdentityFiles.peerKey(directory)),
        TransportKey.read(IdentityFiles.apiKey(directory)));
  }

  /// Makes what is missing; keeps what is there, also after a crash in between.
  static NodeKeys openOrCreate(Path directory) throws IOException, IdentityException {
    var signing = IdentityFiles.nodeKey(directory);
    if (!Files.exists(signing)) {
      NodeKey.generate().write(signing);
    }
    for (var file :
        new Path[] {IdentityFiles.peerKey(directory), IdentityFiles.apiKey(directory)}) {
      if (!Files.exists(file)) {
        TransportKey.generate().write(file);
      }
    }
    return open(directory);
  }
}

package io.starling.architecture.bad.node.discovery;

import io.starling.architecture.bad.node.transport.TransportKnowsStorage;

final class DiscoveryKnowsTransport {
  Class<?> other = TransportKnowsStorage.class;
}

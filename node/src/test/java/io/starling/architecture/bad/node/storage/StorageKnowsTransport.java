package io.starling.architecture.bad.node.storage;

import io.starling.architecture.bad.node.transport.TransportKnowsStorage;

public final class StorageKnowsTransport {
  Class<?> other = TransportKnowsStorage.class;
}

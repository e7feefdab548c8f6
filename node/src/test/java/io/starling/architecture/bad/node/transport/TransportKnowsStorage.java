package io.starling.architecture.bad.node.transport;

import io.starling.architecture.bad.node.storage.StorageKnowsTransport;

public final class TransportKnowsStorage {
  Class<?> other = StorageKnowsTransport.class;
}

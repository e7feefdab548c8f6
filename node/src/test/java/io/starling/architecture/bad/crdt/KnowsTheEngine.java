package io.starling.architecture.bad.crdt;

import io.starling.architecture.bad.replica.AllowedEngine;
import java.util.concurrent.ConcurrentLinkedQueue;

final class KnowsTheEngine {
  AllowedEngine engine = new AllowedEngine();
  ConcurrentLinkedQueue<String> queue = new ConcurrentLinkedQueue<>();
}

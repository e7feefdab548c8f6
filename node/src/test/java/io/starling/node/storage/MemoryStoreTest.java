package io.starling.node.storage;

/// The store in memory keeps the contract.
final class MemoryStoreTest implements SpaceStoreContract {

  private final MemoryStore store = new MemoryStore();

  @Override
  public NodeStore store() {
    return store;
  }
}

package io.starling.node.backup.repository;

import java.io.IOException;
import java.time.Instant;

/// Objects of which each change is told before it is made, to whoever may also refuse it.
public record WatchedBlobs(Blobs blobs, Watcher watcher) implements Blobs {

  /// Sees what is about to be done: `put`, `delete` or `settle`, and the object's name.
  @FunctionalInterface
  public interface Watcher {
    void see(String what, String name) throws IOException;
  }

  @Override
  public void put(String name, byte[] bytes) throws IOException {
    watcher.see("put", name);
    blobs.put(name, bytes);
  }

  @Override
  public void putNew(String name, byte[] bytes) throws IOException {
    watcher.see("put", name);
    blobs.putNew(name, bytes);
  }

  @Override
  public void putSoon(String name, byte[] bytes) throws IOException {
    watcher.see("put", name);
    blobs.putSoon(name, bytes);
  }

  @Override
  public byte[] get(String name, long bytesMax) throws IOException {
    return blobs.get(name, bytesMax);
  }

  @Override
  public void list(String prefix, Visitor visitor) throws IOException {
    blobs.list(prefix, visitor);
  }

  @Override
  public void delete(String name) throws IOException {
    watcher.see("delete", name);
    blobs.delete(name);
  }

  @Override
  public void deleteSoon(String name) throws IOException {
    watcher.see("delete", name);
    blobs.deleteSoon(name);
  }

  @Override
  public void settle() throws IOException {
    watcher.see("settle", "");
    blobs.settle();
  }

  @Override
  public void tidy(Instant before) throws IOException {
    blobs.tidy(before);
  }

  @Override
  public void prepare() throws IOException {
    blobs.prepare();
  }

  @Override
  public String location() {
    return blobs.location();
  }

  @Override
  public void close() {
    blobs.close();
  }
}

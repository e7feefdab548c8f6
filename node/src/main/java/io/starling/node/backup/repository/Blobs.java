package io.starling.node.backup.repository;

import java.io.IOException;
import java.time.Instant;

/// Where a repository keeps its objects: a directory, or a store of objects elsewhere. Safe to use
/// from any thread.
///
/// All fail by throwing [IOException] with a message for an operator.
public interface Blobs extends AutoCloseable {

  /// Writes an object, whole or not at all. One of that name is replaced. Seen by everybody when
  /// this returns; durable after the next [#settle()] at the latest.
  void put(String name, byte[] bytes) throws IOException;

  /// Writes an object as [#put] does, where there is none of that name yet: of two that write one
  /// at a time, one fails.
  ///
  /// @throws java.nio.file.FileAlreadyExistsException if there is one; it is as it was
  void putNew(String name, byte[] bytes) throws IOException;

  /// Writes an object as [#put] does, and may return before it is there: it is after the next
  /// [#settle()]. What fails meanwhile is thrown by that, or by an earlier call that may be late
  /// too.
  default void putSoon(String name, byte[] bytes) throws IOException {
    put(name, bytes);
  }

  /// An object's bytes.
  ///
  /// @param bytesMax a larger one is refused
  /// @throws java.nio.file.NoSuchFileException if there is none
  byte[] get(String name, long bytesMax) throws IOException;

  /// Shows the names that begin with a prefix, with their sizes.
  ///
  /// @param prefix ends with `/`
  void list(String prefix, Visitor visitor) throws IOException;

  /// Deletes an object, if it is there.
  void delete(String name) throws IOException;

  /// Deletes an object as [#delete] does, and may return before it is gone: it is after the next
  /// [#settle()]. What fails meanwhile is thrown by that, or by an earlier call that may be late
  /// too.
  default void deleteSoon(String name) throws IOException {
    delete(name);
  }

  /// Returns when all that was put and deleted is durable, be it by an earlier process.
  void settle() throws IOException;

  /// Deletes what was left of writes that were broken off before a time, where such may be.
  void tidy(Instant before) throws IOException;

  /// Prepares the place for a new repository.
  ///
  /// @throws IOException if there is something else
  void prepare() throws IOException;

  /// What it is called in messages.
  String location();

  @Override
  void close();

  /// Sees names.
  @FunctionalInterface
  interface Visitor {
    void see(String name, long bytes) throws IOException;
  }
}

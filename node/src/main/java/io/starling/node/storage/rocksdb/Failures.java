package io.starling.node.storage.rocksdb;

import io.starling.replica.port.StorageFailure;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/// What RocksDB reports, in words for an operator.
final class Failures {

  private Failures() {}

  static StorageFailure of(String what, RocksDBException failed) {
    return new StorageFailure(what + ": " + why(failed), failed);
  }

  private static String why(RocksDBException failed) {
    var status = failed.getStatus();
    if (status == null) {
      return String.valueOf(failed.getMessage());
    }
    if (status.getSubCode() == Status.SubCode.NoSpace) {
      return "the disk is full; make room and writes go on";
    }
    if (status.getCode() == Status.Code.Corruption) {
      return "it is damaged (" + failed.getMessage() + ")";
    }
    return String.valueOf(failed.getMessage());
  }
}

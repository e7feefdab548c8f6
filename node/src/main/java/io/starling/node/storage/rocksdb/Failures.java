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

  /// Whether bytes are not those that were written.
  static boolean isDamage(RocksDBException failed) {
    var status = failed.getStatus();
    return status != null && status.getCode() == Status.Code.Corruption;
  }

  /// Whether a database cannot be opened for what its files say, or for want of one of them.
  static boolean isDamageAtOpen(RocksDBException failed) {
    var status = failed.getStatus();
    if (status == null) {
      return false;
    }
    return switch (status.getCode()) {
      case Corruption, InvalidArgument, NotFound -> true;
      // A file that another one names is not there: the name was altered, or the file is lost.
      case IOError -> String.valueOf(failed.getMessage()).contains("No such file");
      default -> false;
    };
  }

  /// Whether something was given up on demand.
  static boolean isGivenUp(RocksDBException failed) {
    var status = failed.getStatus();
    return status != null
        && (status.getCode() == Status.Code.Incomplete
            || status.getCode() == Status.Code.ShutdownInProgress
            || status.getCode() == Status.Code.Aborted);
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

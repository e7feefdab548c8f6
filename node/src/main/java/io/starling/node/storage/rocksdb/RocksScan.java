package io.starling.node.storage.rocksdb;

import io.starling.replica.port.StatePort.Visitor;
import io.starling.replica.port.Table;
import java.util.Arrays;
import java.util.Optional;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/// A walk over a part of a space's table. It never looks beyond its upper bound.
record RocksScan(Database open, SpaceKeys keys, Optional<Snapshot> snapshot) {

  void run(Table table, byte[] from, byte[] to, Visitor visitor) throws RocksDBException {
    byte[] first = keys.key(from);
    byte[] end = keys.end(to);
    if (Arrays.compareUnsigned(first, end) >= 0) {
      return;
    }
    try (var bound = new Slice(end);
        var options = new ReadOptions().setIterateUpperBound(bound)) {
      snapshot.ifPresent(options::setSnapshot);
      try (var entries = open.rocks().newIterator(open.table(table), options)) {
        entries.seek(first);
        show(entries, visitor);
      }
    }
  }

  private static void show(RocksIterator entries, Visitor visitor) throws RocksDBException {
    while (entries.isValid()) {
      if (!visitor.visit(SpaceKeys.strip(entries.key()), entries.value())) {
        return;
      }
      entries.next();
    }
    entries.status();
  }
}

package io.starling.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.Table;
import io.starling.replica.state.KeyHeader;
import io.starling.replica.state.StoredSpace;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/// Holds what a store keeps against what its cells say: digest, bucket sums, count and headers,
/// worked out anew by a scan and in another way than the engine's.
final class StateCheck {

  private StateCheck() {}

  private static final String PROOFS = Table.META + " 65";

  private static final String BRANCHES = Table.META + " 6b";

  static void holds(Cluster.Member member) {
    var headers = new TreeMap<String, long[]>();
    var buckets = new TreeMap<String, CellDigest>();
    var sums = new CellDigest[] {CellDigest.ZERO};
    long[] cells = {0};
    new StoredSpace(member.state)
        .cells(
            new byte[0],
            new byte[0],
            (id, cell) -> {
              byte[] name = id.canonical();
              var digest = CellDigest.of(name, CellEncoding.encode(cell, ReplicaForm.FULL));
              sums[0] = sums[0].plus(digest);
              buckets.merge(bucket(name), digest, CellDigest::plus);
              count(headers.computeIfAbsent(id.path().key(), _ -> new long[8]), id, cell);
              cells[0]++;
              return true;
            });
    assertEquals(sums[0], member.status().digest(), "digest of all cells");
    assertEquals(cells[0], member.status().cells(), "count of cells");
    assertEquals(printed(headers), storedHeaders(member.state), "headers");
    buckets.values().removeIf(CellDigest.ZERO::equals);
    assertEquals(buckets, storedBuckets(member.state), "bucket sums");
  }

  /// All that a store holds, readable and comparable, but for proofs of forks and names of
  /// branches.
  static Map<String, String> contents(MemoryState state) {
    var contents = new TreeMap<String, String>();
    for (var table : Table.values()) {
      state.scan(
          table,
          new byte[0],
          new byte[0],
          (key, value) -> {
            contents.put(table + " " + HexFormat.of().formatHex(key), hex(value));
            return true;
          });
    }
    contents.keySet().removeIf(it -> it.startsWith(PROOFS) || it.startsWith(BRANCHES));
    return contents;
  }

  private static void count(long[] header, CellId id, Cell cell) {
    header[0]++;
    if (cell.isLive()) {
      var kind = id.path().fields().isEmpty() ? id.kind() : CellKind.MAP;
      header[kind.code()]++;
    }
  }

  private static Map<String, String> printed(TreeMap<String, long[]> headers) {
    var printed = new TreeMap<String, String>();
    headers.forEach((key, h) ->
        printed.put(key, new KeyHeader(h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]).toString()));
    return printed;
  }

  private static Map<String, String> storedHeaders(MemoryState state) {
    var stored = new TreeMap<String, String>();
    state.scan(
        Table.HEADERS,
        new byte[0],
        new byte[0],
        (key, value) -> {
          var name = new String(key, StandardCharsets.UTF_8);
          stored.put(name, KeyHeader.decode(value).toString());
          return true;
        });
    return stored;
  }

  private static Map<String, CellDigest> storedBuckets(MemoryState state) {
    var stored = new TreeMap<String, CellDigest>();
    state.scan(
        Table.BUCKETS,
        new byte[0],
        new byte[0],
        (key, value) -> {
          var digits = hex(value);
          stored.put(
              hex(key),
              new CellDigest(
                  HexFormat.fromHexDigitsToLong(digits, 0, 16),
                  HexFormat.fromHexDigitsToLong(digits, 16, 32)));
          return true;
        });
    return stored;
  }

  private static String bucket(byte[] name) {
    try {
      var hash = java.security.MessageDigest.getInstance("SHA-256").digest(name);
      return hex(hash).substring(0, 4);
    } catch (java.security.NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}

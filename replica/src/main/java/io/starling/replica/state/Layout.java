package io.starling.replica.state;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.Encoder;
import io.starling.replica.batch.ForkProof;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The keys of the tables.
///
/// | table | key | value |
/// |---|---|---|
/// | META | `f` | format, space: refuses a store of a newer version |
/// | META | `n` number | replica id: the store's own short numbers |
/// | META | `r` replica id | number |
/// | META | `h` number | head: seq, chain hash, time, context of the last batch |
/// | META | `s` number | `_system` vector that the replica's last batch carried |
/// | META | `c` number, seq, closer's number and seq | chain hash: a close |
/// | META | `t` | token of the active vector |
/// | META | `d` | digest and count of cells |
/// | META | `q` hash of principal and name | what a named transaction has become |
/// | META | `a` place in order of arrival | that hash |
/// | META | `b` | the first place, and the next |
/// | META | `l` number | from which seq on the log has entries, and bodies: before, it has none |
/// | META | `u` | bytes of the bodies in the log |
/// | LOG | number, seq | chain hash, signature, body; or, where the body is not kept, chain hash |
/// | CELLS | cell name, replicas as numbers | content, replicas as numbers |
/// | HEADERS | key in UTF-8 | [KeyHeader] |
/// | BUCKETS | two bytes | sum of cell digests |
/// | META | `j` | a join that is pending: both vectors |
/// | META | `e` replica id, seq | proof of a fork: two signed batches |
/// | META | `k` replica id | a branch: what it goes on from, the number and hash of its first batch |
/// | META | `o` | the member on whose word alone the state rests |
/// | META | `v` | the newest format of the batches applied, if that is not the first |
/// | STAGE | `x` cell name | 1, session, its content at the donor; or 0, session: the donor has none |
///
/// A replica number names a chain: each branch of a fork has one of its own.
final class Layout {

  /// The layout this version writes, and the newest it reads.
  static final int FORMAT = 1;

  static final byte[] FORMAT_KEY = {'f'};
  static final byte[] TOKEN_KEY = {'t'};
  static final byte[] DIGEST_KEY = {'d'};
  static final byte[] REQUESTS_KEY = {'b'};
  static final byte[] JOIN_KEY = {'j'};
  static final byte[] UNATTESTED_KEY = {'o'};
  static final byte[] APPLIED_FORMAT_KEY = {'v'};
  static final byte[] STAGED_CELLS = {'x'};
  static final byte[] LOG_USE_KEY = {'u'};
  static final byte[] NUMBERS = {'n'};
  static final byte[] REPLICAS = {'r'};
  static final byte[] HEADS = {'h'};
  static final byte[] CLOSES = {'c'};
  static final byte[] FORKS = {'e'};
  static final byte[] BRANCHES = {'k'};
  static final byte[] REQUESTS = {'a'};
  static final byte[] NAMED_REQUESTS = {'q'};

  private Layout() {}

  static byte[] number(int number) {
    return new Encoder().u8('n').u32(number).toBytes();
  }

  static byte[] replica(ReplicaId replica) {
    return new Encoder().u8('r').replica(replica).toBytes();
  }

  static byte[] head(int number) {
    return new Encoder().u8('h').u32(number).toBytes();
  }

  static byte[] logStart(int number) {
    return new Encoder().u8('l').u32(number).toBytes();
  }

  static byte[] systemRow(int number) {
    return new Encoder().u8('s').u32(number).toBytes();
  }

  static byte[] close(int number, long seq, int closer, long closerSeq) {
    return new Encoder().u8('c').u32(number).u64(seq).u32(closer).u64(closerSeq).toBytes();
  }

  static byte[] fork(ForkProof.Place place) {
    return new Encoder(40).u8('e').replica(place.replica()).u64(place.seq()).toBytes();
  }

  static byte[] branch(ReplicaId name) {
    return new Encoder(32).u8('k').replica(name).toBytes();
  }

  static byte[] request(byte[] hash) {
    return new Encoder(20).u8('q').raw(hash).toBytes();
  }

  static byte[] requestInOrder(long place) {
    return new Encoder(12).u8('a').u64(place).toBytes();
  }

  static byte[] log(int number, long seq) {
    return new Encoder(16).u32(number).u64(seq).toBytes();
  }

  static byte[] header(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] bucket(int bucket) {
    return new Encoder().u16(bucket).toBytes();
  }

  static byte[] staged(byte[] cell) {
    return new Encoder(cell.length + 1).u8('x').raw(cell).toBytes();
  }

  static byte[] stagedName(byte[] key) {
    return Arrays.copyOfRange(key, 1, key.length);
  }

  /// The first key after all that begin with a prefix; empty if there is none.
  static byte[] after(byte[] prefix) {
    for (int last = prefix.length - 1; last >= 0; last--) {
      if (prefix[last] != (byte) 0xFF) {
        var next = Arrays.copyOf(prefix, last + 1);
        next[last]++;
        return next;
      }
    }
    return new byte[0];
  }
}

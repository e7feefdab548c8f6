package io.starling.replica.membership;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.SpaceId;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/// A statement of the cluster's authority: the batches of a key stand by themselves up to a
/// cut-off, and no further.
///
/// @param key whose
/// @param atMillis when it was made, in milliseconds since 1970; for people
/// @param cuts up to where, by space and incarnation of the key; what is not named has no batch
///   that stands by itself
public record Revocation(
    KeyFingerprint key, long atMillis, SortedMap<SpaceId, SortedMap<Long, Cut>> cuts) {

  /// Incarnations that one statement may name, in all spaces together.
  public static final int CUTS_MAX = 16_384;

  private static final int FORMAT = 1;
  private static final int SPACES_MAX = 1_024;

  /// The last batch that stands by itself.
  ///
  /// @param hash the first 8 bytes of its hash
  public record Cut(long seq, long hash) {}

  public Revocation {
    var copy = new TreeMap<SpaceId, SortedMap<Long, Cut>>();
    cuts.forEach(
        (space, of) -> copy.put(space, Collections.unmodifiableSortedMap(new TreeMap<>(of))));
    cuts = Collections.unmodifiableSortedMap(copy);
    if (cuts.values().stream().mapToInt(Map::size).sum() > CUTS_MAX) {
      throw new IllegalArgumentException(
          "a revocation names at most " + CUTS_MAX + " incarnations");
    }
  }

  /// The cut-off that leaves what is applied.
  ///
  /// @param heads of all replicas, by space, those spaces first that matter most, the latest first;
  ///   of too many the last are left out, and stand where others have named them
  public static Revocation of(
      KeyFingerprint key, long atMillis, SequencedMap<SpaceId, List<Head>> heads) {
    var cuts = new TreeMap<SpaceId, SortedMap<Long, Cut>>();
    int left = CUTS_MAX;
    for (var space : heads.entrySet()) {
      var of = new TreeMap<Long, Cut>();
      space.getValue().stream()
          .filter(head -> head.replica().key().equals(key))
          .limit(left)
          .forEach(head ->
              of.put(head.replica().incarnation(), new Cut(head.seq(), head.hash().first())));
      left -= of.size();
      cuts.put(space.getKey(), of);
    }
    return new Revocation(key, atMillis, cuts);
  }

  /// Where an incarnation is cut off in a space; empty if none of its batches stands by itself.
  public Optional<Cut> cut(SpaceId space, long incarnation) {
    return Optional.ofNullable(cuts.getOrDefault(space, new TreeMap<>()).get(incarnation));
  }

  /// The canonical bytes, which are signed.
  public byte[] toBytes() {
    var out = new Encoder(64).u8(FORMAT).fingerprint(key).varint(atMillis).varint(cuts.size());
    cuts.forEach((space, of) -> {
      out.u64(space.high()).u64(space.low()).varint(of.size());
      of.forEach((incarnation, cut) -> out.u64(incarnation).varint(cut.seq()).u64(cut.hash()));
    });
    return out.toBytes();
  }

  /// Reads what came from elsewhere.
  public static Revocation fromBytes(byte[] bytes) throws MalformedException {
    var in = new Decoder(bytes);
    int format = in.u8();
    if (format != FORMAT) {
      throw new MalformedException("a revocation in format " + format + "; this node reads 1");
    }
    var key = in.fingerprint();
    long atMillis = in.varint();
    int spaces = in.count(SPACES_MAX, "spaces");
    var cuts = new TreeMap<SpaceId, SortedMap<Long, Cut>>();
    int left = CUTS_MAX;
    for (int i = 0; i < spaces; i++) {
      var space = new SpaceId(in.u64(), in.u64());
      if (!cuts.isEmpty() && cuts.lastKey().compareTo(space) >= 0) {
        throw new MalformedException("a revocation with spaces out of order");
      }
      int count = in.count(left, "incarnations");
      left -= count;
      var of = new TreeMap<Long, Cut>();
      for (int k = 0; k < count; k++) {
        long incarnation = in.u64();
        if (!of.isEmpty() && of.lastKey() >= incarnation) {
          throw new MalformedException("a revocation with incarnations out of order");
        }
        of.put(incarnation, new Cut(in.seq(), in.u64()));
      }
      cuts.put(space, of);
    }
    in.finish();
    return new Revocation(key, atMillis, cuts);
  }
}

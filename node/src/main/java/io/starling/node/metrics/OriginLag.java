package io.starling.node.metrics;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.status.SpaceStatus;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// How far the batches of one origin have got. An origin is a member, over all its incarnations
/// that are not closed: so there are no more than members, and a restart adds none.
///
/// @param lag batches applied here that some peer that is up has not announced
/// @param ahead batches that some peer has announced and that are not applied here
record OriginLag(long lag, long ahead) {

  /// Origins that are shown of a space; of more, those with most to catch up.
  static final int ORIGINS_MAX = 256;

  /// By origin.
  static Map<String, OriginLag> of(SpaceStatus status) {
    var origins = new TreeMap<String, OriginLag>();
    for (var origin : status.active().entries()) {
      origins.put(origin.replica().key().toString(), new OriginLag(0, 0));
    }
    for (var peer : status.peers()) {
      peer.applied()
          .ifPresent(applied -> {
            if (peer.isUp()) {
              missing(status.active(), applied)
                  .forEach((key, batches) -> raise(origins, key, new OriginLag(batches, 0)));
            }
            missing(applied, status.active())
                .forEach((key, batches) -> raise(origins, key, new OriginLag(0, batches)));
          });
    }
    return most(origins);
  }

  private static void raise(
      SortedMap<String, OriginLag> origins, KeyFingerprint key, OriginLag more) {
    origins.merge(
        key.toString(),
        more,
        (one, other) ->
            new OriginLag(Math.max(one.lag, other.lag), Math.max(one.ahead, other.ahead)));
  }

  /// Batches that one vector covers and another does not, by origin.
  private static SortedMap<KeyFingerprint, Long> missing(VersionVector of, VersionVector in) {
    var missing = new TreeMap<KeyFingerprint, Long>();
    for (var entry : of.entries()) {
      long batches = Math.max(0, entry.seq() - in.seq(entry.replica()));
      missing.merge(entry.replica().key(), batches, Long::sum);
    }
    return missing;
  }

  private static Map<String, OriginLag> most(SortedMap<String, OriginLag> origins) {
    if (origins.size() <= ORIGINS_MAX) {
      return origins;
    }
    var shown = new LinkedHashMap<String, OriginLag>();
    origins.entrySet().stream()
        .sorted(
            Comparator.comparingLong((Map.Entry<String, OriginLag> entry) ->
                -Math.max(entry.getValue().lag, entry.getValue().ahead)))
        .limit(ORIGINS_MAX)
        .forEach(entry -> shown.put(entry.getKey(), entry.getValue()));
    return shown;
  }
}

package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.value.Value;
import io.starling.node.space.SpaceChange;
import io.starling.node.space.SpaceSettings;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.read.SpaceReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The spaces of the cluster as `_system` lists them; read again only when it has changed. Safe to
/// use from any thread.
final class SpaceDocuments {

  static final Pattern NAME = Pattern.compile("[a-z0-9.-][a-z0-9._-]{0,63}");
  private static final Pattern GENERATION = Pattern.compile("[1-9][0-9]{0,17}");
  private static final String DROPPED = "dropped";
  private static final int PAGE = 1_000;

  private final HostedSpace system;
  private final Remembered<SortedMap<String, SpaceRecord>> known = new Remembered<>();

  SpaceDocuments(HostedSpace system) {
    this.system = system;
  }

  /// `_system` has changed.
  void forget() {
    known.forget();
  }

  /// All names that were ever given, `main` included; those whose space was dropped, too.
  SortedMap<String, SpaceRecord> all() {
    return known.get(() -> {
      try (var snapshot = system.readAll()) {
        return read(snapshot.reader());
      }
    });
  }

  SpaceRecord find(String name) {
    return all().getOrDefault(name, SpaceRecord.none(name));
  }

  /// What is said of a name at one moment, and the token of that.
  record Seen(SpaceRecord space, Token token) {}

  Seen see(String name) {
    try (var snapshot = system.readAll()) {
      var reader = snapshot.reader();
      return new Seen(read(reader).getOrDefault(name, SpaceRecord.none(name)), reader.token());
    }
  }

  private static SortedMap<String, SpaceRecord> read(SpaceReader reader) {
    var created = new TreeMap<String, TreeSet<Long>>();
    var dropped = new TreeSet<String>();
    created.put(SpaceId.MAIN, new TreeSet<>(List.of(0L)));
    for (var key : keys(reader)) {
      var parts = List.of(key.split("/", -1));
      var name = parts.getFirst();
      if (!NAME.matcher(name).matches()) {
        continue;
      }
      if (parts.size() == 1) {
        created.computeIfAbsent(name, _ -> new TreeSet<>()).add(0L);
      } else if (parts.size() == 2 && parts.get(1).equals(DROPPED)) {
        dropped.add(name);
      } else if (parts.size() == 2 && GENERATION.matcher(parts.get(1)).matches()) {
        created.computeIfAbsent(name, _ -> new TreeSet<>()).add(Long.parseLong(parts.get(1)));
      }
    }
    var names = new TreeSet<>(created.keySet());
    names.addAll(dropped);
    var records = new TreeMap<String, SpaceRecord>();
    for (var name : names) {
      var highest = dropped.contains(name) ? highest(reader, name) : Optional.<Drop>empty();
      long generation = highest.map(it -> it.generation() + 1).orElse(0L);
      boolean isCreated = created.getOrDefault(name, new TreeSet<>()).contains(generation);
      records.put(
          name,
          new SpaceRecord(
              name,
              generation,
              isCreated,
              highest.map(Drop::at),
              isCreated ? settings(reader, name, generation) : SpaceSettings.USUAL));
    }
    return Collections.unmodifiableSortedMap(records);
  }

  private static List<String> keys(SpaceReader reader) {
    var keys = new ArrayList<String>();
    var after = "";
    boolean more = true;
    while (more) {
      var page = reader.keys(SystemDocuments.SPACES, after, PAGE);
      page.keys().forEach(key -> keys.add(key.substring(SystemDocuments.SPACES.length())));
      more = page.more() && !page.keys().isEmpty();
      after = page.keys().isEmpty() ? after : page.keys().getLast();
    }
    return keys;
  }

  /// No generation has a number of so many digits; one that had could not be counted on from.
  private static final long GENERATIONS_END = 100_000_000_000_000_000L;

  /// A statement that drops a generation.
  private record Drop(long generation, Instant at) {}

  /// `main` is never dropped, whoever says so.
  private static Optional<Drop> highest(SpaceReader reader, String name) {
    if (name.equals(SpaceId.MAIN)) {
      return Optional.empty();
    }
    var value = reader.view(SpaceRecord.dropped(name), 0).toValue();
    var drops = new ArrayList<Drop>();
    for (var one : value instanceof Value.Array(var several) ? several : List.of(value)) {
      // What is no statement of ours drops nothing; a number without an end would leave none.
      if (one instanceof Value.Struct(var fields)
          && fields.get("generation") instanceof Value.Int(long generation)
          && generation >= 0
          && generation < GENERATIONS_END) {
        var at = fields.get("at") instanceof Value.Int(long millis) ? millis : 0;
        drops.add(new Drop(generation, Instant.ofEpochMilli(at)));
      }
    }
    // Of those who dropped one generation while apart, the first.
    return drops.stream()
        .max((one, other) -> {
          int order = Long.compare(one.generation(), other.generation());
          return order != 0 ? order : other.at().compareTo(one.at());
        });
  }

  /// The statement that drops a generation.
  static Value.Struct drop(long generation, Instant now, String principal) {
    var fields = new TreeMap<String, Value>();
    fields.put("generation", new Value.Int(generation));
    fields.put("at", new Value.Int(now.toEpochMilli()));
    fields.put("by", new Value.Text(principal));
    return new Value.Struct(fields);
  }

  private static SpaceSettings settings(SpaceReader reader, String name, long generation) {
    var value = reader.view(SpaceRecord.settings(name, generation), 0).toValue();
    if (!(value instanceof Value.Struct document)) {
      return SpaceSettings.USUAL;
    }
    var members = new TreeSet<KeyFingerprint>();
    // Nobody but nodes can be named; where nobody is, the list says nothing.
    if (!name.equals(SpaceId.MAIN)) {
      SystemDocuments.texts(document, SpaceChange.MEMBERS)
          .forEach(it -> MemberDocuments.key(it).ifPresent(members::add));
    }
    return new SpaceSettings(
        whole(document, SpaceChange.LOG_BYTES)
            .filter(it -> it >= SpaceSettings.LOG_BYTES_MIN && it <= SpaceSettings.LOG_BYTES_MAX),
        age(document, SpaceChange.LOG_AGE),
        age(document, SpaceChange.STABLE_AGE),
        members);
  }

  private static Optional<Long> whole(Value.Struct document, String field) {
    return document.fields().get(field) instanceof Value.Int(long whole)
        ? Optional.of(whole)
        : Optional.empty();
  }

  private static Optional<Duration> age(Value.Struct document, String field) {
    return whole(document, field)
        .filter(it -> it >= 1_000 && it <= SpaceSettings.AGE_MAX.toMillis())
        .map(Duration::ofMillis);
  }

  /// What is merged into the settings of a space.
  ///
  /// @param members those who are named, by their keys
  static Value.Struct patch(SpaceChange change, Optional<List<KeyFingerprint>> members) {
    var fields = new TreeMap<String, Value>();
    change.reset().forEach(field -> fields.put(field, new Value.Null()));
    change.logBytes().ifPresent(it -> fields.put(SpaceChange.LOG_BYTES, new Value.Int(it)));
    change.logAge().ifPresent(it -> fields.put(SpaceChange.LOG_AGE, new Value.Int(it.toMillis())));
    change
        .stableAge()
        .ifPresent(it -> fields.put(SpaceChange.STABLE_AGE, new Value.Int(it.toMillis())));
    members.ifPresent(keys ->
        fields.put(
            SpaceChange.MEMBERS,
            new Value.Array(
                keys.stream().<Value>map(key -> new Value.Text(key.toString())).toList())));
    return new Value.Struct(fields);
  }
}

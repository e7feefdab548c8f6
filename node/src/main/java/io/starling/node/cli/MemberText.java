package io.starling.node.cli;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.client.ClientException;
import io.starling.node.client.ClusterClient;
import io.starling.node.json.JsonText;
import io.starling.node.member.Departure;
import io.starling.node.member.Eviction;
import io.starling.node.member.Lapse;
import io.starling.proto.v1.Entry;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.ScanRequest;
import io.starling.replica.batch.SpaceId;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A member, as its document in `_system` has it.
///
/// @param since of the state, where that is known
record MemberText(
    String fingerprint, SortedMap<String, Value> fields, State state, Optional<Instant> since) {

  private static final String MEMBERS = "members/";
  private static final int PAGE = 1_000;

  /// What a member is at, as the node that was asked knows.
  enum State {
    /// Linked with the node that was asked, or that node itself.
    HERE,
    /// Not linked with it.
    AWAY,
    /// No log is kept for it.
    LAPSED,
    /// It has left for good.
    LEFT,
    /// Its key is revoked.
    EVICTED
  }

  /// All members that a node knows, those that have left included.
  static List<MemberText> all(ClusterClient client)
      throws ClientException, IOException, CommandFailure {
    var lapsed = documents(client, Lapse.PREFIX);
    var left = documents(client, Departure.PREFIX);
    var evicted =
        documents(client, Eviction.PREFIX).keySet().stream()
            .map(key -> key.replaceFirst("/.*", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    var presence = MemberPresence.of(client);
    var members = new ArrayList<MemberText>();
    for (var known : documents(client, MEMBERS).entrySet()) {
      var id = known.getKey();
      if (evicted.contains(id)) {
        members.add(new MemberText(id, known.getValue(), State.EVICTED, Optional.empty()));
      } else if (left.containsKey(id)) {
        members.add(new MemberText(id, known.getValue(), State.LEFT, at(left.get(id))));
      } else if (lapsed.containsKey(id)) {
        members.add(new MemberText(id, known.getValue(), State.LAPSED, at(lapsed.get(id))));
      } else if (presence.isHere(id)) {
        members.add(new MemberText(id, known.getValue(), State.HERE, Optional.empty()));
      } else {
        members.add(new MemberText(id, known.getValue(), State.AWAY, presence.heard(id)));
      }
    }
    return members;
  }

  /// The documents under a prefix, by the rest of the key.
  private static SortedMap<String, SortedMap<String, Value>> documents(
      ClusterClient client, String prefix) throws ClientException, IOException, CommandFailure {
    var documents = new TreeMap<String, SortedMap<String, Value>>();
    var after = "";
    boolean more = true;
    while (more) {
      var request =
          ScanRequest.newBuilder()
              .setSpace(SpaceId.SYSTEM)
              .setPrefix(prefix)
              .setAfter(after)
              .setLimit(PAGE)
              .setValues(true)
              .setForm(Form.FORM_JSON);
      var page = client.scan(request.build());
      for (var entry : page.getEntriesList()) {
        documents.put(entry.getKey().substring(prefix.length()), fields(entry));
        after = entry.getKey();
      }
      more = page.getMore() && page.getEntriesCount() > 0;
    }
    return documents;
  }

  /// The one that is meant by a name or an id. A name goes from who is gone to who took its place:
  /// where several have it, those that are gone are not meant.
  static MemberText find(List<MemberText> members, String name) throws CommandFailure {
    return find(members, name, it -> it.state() != State.LEFT && it.state() != State.EVICTED);
  }

  /// Likewise one that was evicted.
  static MemberText findEvicted(List<MemberText> members, String name) throws CommandFailure {
    return find(members, name, it -> it.state() == State.EVICTED);
  }

  private static MemberText find(
      List<MemberText> members, String name, Predicate<MemberText> isLikely) throws CommandFailure {
    var meant =
        members.stream()
            .filter(it -> it.name().equals(name) || it.fingerprint().equals(name))
            .toList();
    if (meant.size() > 1 && meant.stream().anyMatch(isLikely)) {
      meant = meant.stream().filter(isLikely).toList();
    }
    if (meant.isEmpty()) {
      throw CommandFailure.refused("there is no member '" + ViewText.line(name) + "'");
    }
    if (meant.size() > 1) {
      throw CommandFailure.refused(
          "several members are called '" + ViewText.line(name) + "'; name one by its id");
    }
    return meant.getFirst();
  }

  private static SortedMap<String, Value> fields(Entry entry) throws CommandFailure {
    try {
      return JsonText.parse(entry.getReading().getJson()) instanceof Value.Struct(var known)
          ? new TreeMap<>(known)
          : new TreeMap<>();
    } catch (MalformedException foreign) {
      throw CommandFailure.refused("an answer that cannot be read", foreign);
    }
  }

  private static Optional<Instant> at(SortedMap<String, Value> statement) {
    return statement.get("at") instanceof Value.Int(long millis)
        ? Optional.of(Instant.ofEpochMilli(millis))
        : Optional.empty();
  }

  /// For people.
  String line() {
    return String.format(
        "%s  %-16s %-12s %-22s %s",
        ViewText.visible(fingerprint), text("name"), text("site"), text("addresses"), standing());
  }

  private String standing() {
    var word = state.name().toLowerCase(Locale.ROOT);
    return switch (state) {
      case HERE, LAPSED, EVICTED -> word;
      case AWAY -> since.map(it -> word + " since " + it).orElse(word);
      case LEFT -> since.map(it -> word + " on " + it).orElse(word);
    };
  }

  /// What people call it; empty if it has not said.
  String name() {
    return fields.get("name") instanceof Value.Text(var name) ? name : "";
  }

  /// Its key.
  KeyFingerprint key() throws CommandFailure {
    try {
      return KeyFingerprint.parse(fingerprint);
    } catch (IllegalArgumentException notAFingerprint) {
      throw CommandFailure.refused("the member's id is none", notAFingerprint);
    }
  }

  boolean hasLeft() {
    return state == State.LEFT;
  }

  /// For programs.
  Value json() {
    var object = new Fields().put("id", fingerprint);
    for (var name : List.of("name", "site", "addresses")) {
      object.put(name, fields.getOrDefault(name, new Value.Null()));
    }
    return object
        .put("lapsed", state == State.LAPSED)
        .put("state", state.name().toLowerCase(Locale.ROOT))
        .putText("since", since.map(Instant::toString))
        .struct();
  }

  private String text(String name) {
    @Nullable Value value = fields.get(name);
    return switch (value) {
      case null -> "";
      case Value.Array(var items) -> String.join(" ", items.stream().map(ViewText::of).toList());
      case Value known -> ViewText.of(known);
    };
  }
}

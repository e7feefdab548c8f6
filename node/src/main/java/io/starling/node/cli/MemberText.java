package io.starling.node.cli;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.client.ClientException;
import io.starling.node.client.ClusterClient;
import io.starling.node.json.JsonText;
import io.starling.node.member.Lapse;
import io.starling.proto.v1.Entry;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.ScanRequest;
import io.starling.replica.batch.SpaceId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A member, as its document in `_system` has it.
///
/// @param isLapsed whether no log is kept for it
record MemberText(String fingerprint, SortedMap<String, Value> fields, boolean isLapsed) {

  private static final String MEMBERS = "members/";
  private static final int LIMIT = 1_000;

  /// The members that a node knows, a thousand at most.
  static List<MemberText> all(ClusterClient client)
      throws ClientException, IOException, CommandFailure {
    var lapsed = new TreeSet<String>();
    scan(client, Lapse.PREFIX)
        .forEach(entry -> lapsed.add(entry.getKey().substring(Lapse.PREFIX.length())));
    var members = new ArrayList<MemberText>();
    for (var entry : scan(client, MEMBERS)) {
      var fingerprint = entry.getKey().substring(MEMBERS.length());
      members.add(of(fingerprint, entry.getReading().getJson(), lapsed.contains(fingerprint)));
    }
    return members;
  }

  private static List<Entry> scan(ClusterClient client, String prefix)
      throws ClientException, IOException {
    var request =
        ScanRequest.newBuilder()
            .setSpace(SpaceId.SYSTEM)
            .setPrefix(prefix)
            .setLimit(LIMIT)
            .setValues(true)
            .setForm(Form.FORM_JSON);
    return client.scan(request.build()).getEntriesList();
  }

  /// @param json the member's document
  private static MemberText of(String fingerprint, String json, boolean isLapsed)
      throws CommandFailure {
    try {
      var fields =
          JsonText.parse(json) instanceof Value.Struct(var known)
              ? known
              : new TreeMap<String, Value>();
      return new MemberText(fingerprint, new TreeMap<>(fields), isLapsed);
    } catch (MalformedException foreign) {
      throw CommandFailure.refused("an answer that cannot be read", foreign);
    }
  }

  /// For people.
  String line() {
    return String.format(
        "%s  %-16s %-12s %s%s",
        ViewText.visible(fingerprint),
        text("name"),
        text("site"),
        text("addresses"),
        isLapsed ? "  lapsed" : "");
  }

  /// What people call it; empty if it has not said.
  String name() {
    return fields.get("name") instanceof Value.Text(var name) ? name : "";
  }

  /// For programs.
  Value json() {
    var object = new Fields().put("id", fingerprint);
    for (var name : List.of("name", "site", "addresses")) {
      object.put(name, fields.getOrDefault(name, new Value.Null()));
    }
    return object.put("lapsed", isLapsed).struct();
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

package io.starling.node.cli;

import io.starling.crdt.value.Value;
import io.starling.node.json.JsonText;
import io.starling.node.local.LocalNode;
import io.starling.proto.v1.NodeState;
import io.starling.proto.v1.PeerStatus;
import io.starling.proto.v1.SpaceCondition;
import io.starling.proto.v1.SpaceStatus;
import io.starling.proto.v1.StatusResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// The status of a local cluster, for programs and for people.
final class StatusText {

  private static final int DIGEST_SHOWN = 12;

  private StatusText() {}

  /// What was found out about a node.
  record Node(LocalNode node, Optional<ProcessHandle> process, Optional<StatusResponse> answer) {

    String state() {
      return answer
          .map(StatusResponse::getState)
          .map(NodeState::name)
          .map(name -> name.substring(name.lastIndexOf('_') + 1).toLowerCase(Locale.ROOT))
          .orElse("unreachable");
    }

    List<SpaceStatus> spaces() {
      return answer.map(StatusResponse::getSpacesList).orElse(List.of());
    }
  }

  /// `{"nodes":[{"id","name","pid","state","http","grpc","spaces":[...]}]}`.
  static String json(List<Node> nodes) {
    var list = nodes.stream().map(StatusText::json).toList();
    return JsonText.write(struct("nodes", new Value.Array(list)));
  }

  private static Value json(Node node) {
    var fields = new TreeMap<String, Value>();
    var id = node.answer().map(StatusResponse::getId);
    fields.put("id", id.<Value>map(Value.Text::new).orElse(new Value.Null()));
    fields.put("name", new Value.Text(node.node().name()));
    var pid = node.process().map(ProcessHandle::pid);
    fields.put("pid", pid.<Value>map(Value.Int::new).orElse(new Value.Null()));
    fields.put("state", new Value.Text(node.state()));
    fields.put("http", new Value.Text(LocalNode.HOST + ":" + node.node().httpPort()));
    fields.put("grpc", new Value.Text(LocalNode.HOST + ":" + node.node().grpcPort()));
    fields.put("spaces", new Value.Array(node.spaces().stream().map(StatusText::json).toList()));
    return new Value.Struct(fields);
  }

  private static Value json(SpaceStatus space) {
    var vector = new TreeMap<String, Value>();
    space.getVersionVectorMap().forEach((replica, seq) -> vector.put(replica, new Value.Int(seq)));
    var fields = new TreeMap<String, Value>();
    fields.put("name", new Value.Text(space.getName()));
    fields.put("versionVector", new Value.Struct(vector));
    fields.put("digest", new Value.Text(space.getDigest()));
    fields.put("cells", new Value.Int(space.getCells()));
    return new Value.Struct(fields);
  }

  private static Value struct(String name, Value value) {
    var fields = new TreeMap<String, Value>();
    fields.put(name, value);
    return new Value.Struct(fields);
  }

  /// A line for each node and space, and what needs attention.
  static List<String> table(List<Node> nodes) {
    var lines = new ArrayList<String>();
    for (var node : nodes) {
      var pid = node.process().map(process -> "pid " + process.pid()).orElse("not running");
      lines.add(
          String.format(
              "%-8s %-12s %-14s %s",
              node.node().name(), node.state(), pid, node.node().dashboard()));
      node.spaces().forEach(space -> lines.add(line(space)));
      node.answer().ifPresent(answer -> addAlarms(answer, lines));
    }
    lines.add("");
    lines.addAll(agreement(nodes));
    return lines;
  }

  private static String line(SpaceStatus space) {
    long lag = space.getPeersList().stream().mapToLong(PeerStatus::getLag).max().orElse(0);
    var condition =
        space.getCondition() == SpaceCondition.SPACE_CONDITION_RUNNING
            ? ""
            : "  NOT WRITABLE: " + space.getReason();
    return String.format(
        Locale.ROOT,
        "  %-18s %,10d cells  digest %s  %s%s",
        space.getName(),
        space.getCells(),
        space.getDigest().substring(0, Math.min(DIGEST_SHOWN, space.getDigest().length())),
        lag == 0 ? "peers have all" : String.format("a peer lacks %,d batches", lag),
        condition);
  }

  private static void addAlarms(StatusResponse answer, List<String> lines) {
    for (var alarm : answer.getAlarmsList()) {
      lines.add(
          "  ALARM "
              + alarm.getKind()
              + " in "
              + alarm.getSpace()
              + " ("
              + alarm.getCount()
              + "×): "
              + ViewText.visible(alarm.getMessage()));
    }
  }

  /// What the nodes that answered say of one space.
  private static final class Agreement {
    private final TreeSet<String> vectors = new TreeSet<>();
    private final TreeSet<String> digests = new TreeSet<>();
  }

  // Equal vectors must have equal digests; unequal vectors say nothing.
  private static List<String> agreement(List<Node> nodes) {
    var agreements = new TreeMap<String, Agreement>();
    for (var node : nodes) {
      for (var space : node.spaces()) {
        var agreement = agreements.computeIfAbsent(space.getName(), _ -> new Agreement());
        var vector = new TreeMap<>(space.getVersionVectorMap());
        agreement.vectors.add(vector + space.getClosed());
        agreement.digests.add(space.getDigest());
      }
    }
    var lines = new ArrayList<String>();
    agreements.forEach((space, seen) ->
        lines.add(space + ": " + verdict(seen.vectors.size(), seen.digests.size())));
    return lines;
  }

  private static String verdict(int vectors, int digests) {
    if (vectors > 1) {
      return "the nodes have not seen the same writes yet";
    }
    return digests == 1
        ? "the nodes that answered hold the same"
        : "EQUAL VECTORS, UNEQUAL DIGESTS: see the alarms";
  }
}

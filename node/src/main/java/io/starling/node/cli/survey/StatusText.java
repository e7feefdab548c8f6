package io.starling.node.cli.survey;

import io.starling.crdt.value.Value;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.Palette;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.local.LocalNode;
import io.starling.proto.v1.BackupStatus;
import io.starling.proto.v1.Holder;
import io.starling.proto.v1.LogStatus;
import io.starling.proto.v1.PeerStatus;
import io.starling.proto.v1.SpaceCondition;
import io.starling.proto.v1.SpaceStatus;
import io.starling.proto.v1.StatusResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The status of a local cluster, for programs and for people.
public final class StatusText {

  private static final int DIGEST_SHOWN = 12;
  private static final int HOLDERS_SHOWN = 3;
  private static final double MEBIBYTE = 1 << 20;
  private static final Duration HELD_MOMENT = Duration.ofMinutes(1);

  private StatusText() {}

  /// `{"nodes":[{"id","name","pid","state","http","grpc","spaces":[...]}]}`.
  public static String json(List<NodeReport> nodes) {
    var list = nodes.stream().map(StatusText::json).toList();
    return new Fields().put("nodes", list).json();
  }

  private static Value json(NodeReport node) {
    return new Fields()
        .putText("id", node.id())
        .put("name", node.name())
        .put("pid", node.pid().<Value>map(Value.Int::new).orElse(new Value.Null()))
        .put("state", node.state())
        .put("http", node.http())
        .put("grpc", node.grpc())
        .put("spaces", node.spaces().stream().map(StatusText::json).toList())
        .put("alarms", alarms(node))
        .put("backups", node.backups().<Value>map(StatusText::json).orElseGet(Value.Null::new))
        .struct();
  }

  private static List<Value> alarms(NodeReport node) {
    return node.answer().map(StatusResponse::getAlarmsList).orElse(List.of()).stream()
        .map(alarm ->
            (Value)
                new Fields()
                    .put("space", alarm.getSpace())
                    .put("kind", alarm.getKind())
                    .put("message", alarm.getMessage())
                    .put("count", alarm.getCount())
                    .struct())
        .toList();
  }

  private static Value json(BackupStatus backups) {
    var succeeded =
        backups.hasSucceeded() ? Optional.of(succeeded(backups)) : Optional.<Instant>empty();
    return new Fields()
        .putText("succeeded", succeeded.map(Instant::toString))
        .put("name", backups.getName())
        .put("failure", backups.getFailure())
        .put("running", backups.getRunning())
        .struct();
  }

  private static Instant succeeded(BackupStatus backups) {
    return Instant.ofEpochSecond(backups.getSucceeded().getSeconds());
  }

  private static String line(BackupStatus backups, Palette palette) {
    var last =
        backups.hasSucceeded()
            ? "last backup " + backups.getName() + ", whole at " + succeeded(backups)
            : "no backup yet";
    var running = backups.getRunning() ? "; one is being made" : "";
    return backups.getFailure().isEmpty()
        ? "  " + ViewText.line(last + running)
        : "  "
            + palette.bad(ViewText.line(last + running + "; since then: " + backups.getFailure()));
  }

  private static Value json(SpaceStatus space) {
    var vector = new TreeMap<String, Value>();
    space.getVersionVectorMap().forEach((replica, seq) -> vector.put(replica, new Value.Int(seq)));
    var fields =
        new Fields()
            .put("name", space.getName())
            .put("versionVector", new Value.Struct(vector))
            .put("digest", space.getDigest())
            .put("cells", space.getCells())
            .put("log", log(space.getLog()));
    CatchUpText.json(space).ifPresent(it -> fields.put("catchingUp", it));
    return fields.struct();
  }

  private static Value log(LogStatus log) {
    var holders =
        log.getHoldersList().stream()
            .map(holder ->
                new Fields()
                    .put("id", holder.getId())
                    .put("name", holder.getName())
                    .put("since", since(holder).toString())
                    .put("atLeast", holder.getAtLeast())
                    .struct())
            .toList();
    return new Fields()
        .put("bytes", log.getBytes())
        .put("truncated", log.getTruncated())
        .put("truncatedUnstable", log.getTruncatedUnstable())
        .put("holders", holders)
        .struct();
  }

  private static Instant since(Holder holder) {
    return Instant.ofEpochSecond(holder.getSince().getSeconds());
  }

  /// A line for each node and space, and what needs attention.
  ///
  /// @param now a member that lacks something for a moment only is not named
  public static List<String> table(List<NodeReport> nodes, Palette palette, Instant now) {
    var lines = new ArrayList<String>();
    for (var node : nodes) {
      var pid = node.pid().map(number -> "pid " + number).orElse("not running");
      var state = String.format("%-12s", node.state());
      lines.add(
          String.format(
              "%-8s %s %-14s %s",
              ViewText.line(node.name()),
              node.isReady() ? palette.good(state) : palette.bad(state),
              node.target().local().isEmpty() && node.pid().isEmpty() ? "" : pid,
              at(node)));
      if (node.isRefusal()) {
        lines.add("  " + palette.bad(node.failure()));
      }
      node.backups().ifPresent(it -> lines.add(line(it, palette)));
      for (var space : node.spaces()) {
        lines.add(line(space, palette));
        holders(space.getLog(), now).ifPresent(lines::add);
        CatchUpText.line(space).ifPresent(it -> lines.add("    " + palette.doubtful(it)));
      }
      node.answer().ifPresent(answer -> addAlarms(answer, lines, palette));
    }
    lines.add("");
    lines.addAll(agreement(nodes, palette));
    return lines;
  }

  private static String at(NodeReport node) {
    return node.target().local().map(LocalNode::dashboard).orElseGet(node::grpc);
  }

  private static String line(SpaceStatus space, Palette palette) {
    long lag = space.getPeersList().stream().mapToLong(PeerStatus::getLag).max().orElse(0);
    var condition =
        space.getCondition() == SpaceCondition.SPACE_CONDITION_RUNNING
            ? ""
            : palette.bad("  NOT WRITABLE: " + ViewText.visible(space.getReason()));
    return String.format(
        Locale.ROOT,
        "  %-18s %,10d cells  digest %s  %s%s",
        space.getName(),
        space.getCells(),
        space.getDigest().substring(0, Math.min(DIGEST_SHOWN, space.getDigest().length())),
        lag == 0 ? "peers have all" : String.format("a peer lacks %,d batches", lag),
        condition);
  }

  /// Who holds back what may go from the log: of many, those for the longest time.
  private static Optional<String> holders(LogStatus log, Instant now) {
    var holders =
        log.getHoldersList().stream()
            .filter(holder -> since(holder).isBefore(now.minus(HELD_MOMENT)))
            .toList();
    if (holders.isEmpty()) {
      return Optional.empty();
    }
    var named =
        holders.stream()
            .limit(HOLDERS_SHOWN)
            .map(StatusText::named)
            .collect(Collectors.joining(", "));
    int more = holders.size() - HOLDERS_SHOWN;
    return Optional.of(
        String.format(
            Locale.ROOT,
            "    log of %,.1f MiB, held back by %s%s",
            log.getBytes() / MEBIBYTE,
            named,
            more > 0 ? " and " + more + " more" : ""));
  }

  private static String named(Holder holder) {
    var name = holder.getName().isEmpty() ? holder.getId() : holder.getName();
    return ViewText.line(name)
        + " since "
        + since(holder)
        + (holder.getAtLeast() ? " at least" : "");
  }

  private static void addAlarms(StatusResponse answer, List<String> lines, Palette palette) {
    for (var alarm : answer.getAlarmsList()) {
      lines.add(
          palette.bad("  ALARM ")
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
  private static List<String> agreement(List<NodeReport> nodes, Palette palette) {
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
        lines.add(space + ": " + verdict(seen.vectors.size(), seen.digests.size(), palette)));
    return lines;
  }

  private static String verdict(int vectors, int digests, Palette palette) {
    if (vectors > 1) {
      return "the nodes have not seen the same writes yet";
    }
    return digests == 1
        ? palette.good("the nodes that answered hold the same")
        : palette.bad("EQUAL VECTORS, UNEQUAL DIGESTS: see the alarms");
  }
}

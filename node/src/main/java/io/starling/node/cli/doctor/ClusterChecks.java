package io.starling.node.cli.doctor;

import io.starling.node.cli.survey.NodeReport;
import io.starling.proto.v1.DigestCheck;
import io.starling.proto.v1.SpaceCondition;
import io.starling.proto.v1.SpaceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// What is thought of what the nodes of a cluster say.
final class ClusterChecks {

  private ClusterChecks() {}

  /// @param version of this program
  static List<Finding> of(List<NodeReport> nodes, String version) {
    var findings = new ArrayList<Finding>();
    for (var node : nodes) {
      findings.add(state(node));
      for (var space : node.spaces()) {
        condition(node, space).ifPresent(findings::add);
        peers(node, space).ifPresent(findings::add);
      }
      node.answer()
          .ifPresent(answer -> {
            for (var alarm : answer.getAlarmsList()) {
              findings.add(
                  Finding.warn(
                      "alarm",
                      node.name(),
                      alarm.getKind() + " in " + alarm.getSpace() + ": " + alarm.getMessage(),
                      "see the table of alarms in docs/operations.md"));
            }
          });
    }
    findings.addAll(versions(nodes, version));
    return findings;
  }

  private static Finding state(NodeReport node) {
    if (node.isReady()) {
      return Finding.ok("node", node.name(), "ready");
    }
    if (node.answer().isPresent()) {
      return Finding.warn("node", node.name(), node.state(), "wait, and look again");
    }
    if (node.isRefusal()) {
      return Finding.fail("node", node.name(), node.failure(), "use a token of this cluster");
    }
    if (node.process().isPresent()) {
      return Finding.fail(
          "node",
          node.name(),
          "its process runs, and it does not answer: " + node.failure(),
          "see its log; if it does not get ready, stop it and start it again");
    }
    return node.target().local().isPresent()
        ? Finding.warn("node", node.name(), "not running", "start it: 'starling up'")
        : Finding.fail("node", node.name(), node.failure(), "start it, or correct the address");
  }

  private static Optional<Finding> condition(NodeReport node, SpaceStatus space) {
    if (space.getCondition() == SpaceCondition.SPACE_CONDITION_RUNNING) {
      return Optional.empty();
    }
    return Optional.of(
        Finding.fail(
            "space",
            node.name() + " " + space.getName(),
            "takes no writes: " + space.getReason(),
            space.getCondition() == SpaceCondition.SPACE_CONDITION_DEGRADED
                ? "make room on its disk, or repair it; writes come back by themselves"
                : "keep its log, and start the node again"));
  }

  private static Optional<Finding> peers(NodeReport node, SpaceStatus space) {
    for (var peer : space.getPeersList()) {
      if (peer.getDigest() == DigestCheck.DIGEST_CHECK_UNEQUAL) {
        return Optional.of(
            Finding.fail(
                "digest",
                node.name() + " " + space.getName(),
                "equal vectors and unequal digests with peer " + peer.getId(),
                "report it with a support bundle: it is a bug, bit rot or tampering"));
      }
    }
    long down = space.getPeersList().stream().filter(peer -> !peer.getUp()).count();
    return down == 0
        ? Optional.empty()
        : Optional.of(
            Finding.warn(
                "links",
                node.name() + " " + space.getName(),
                down + " of " + space.getPeersCount() + " peers are not linked",
                "start them, or see docs/enrolment.md, \"When peers do not link\""));
  }

  private static List<Finding> versions(List<NodeReport> nodes, String version) {
    var known = new TreeMap<String, TreeSet<String>>();
    for (var node : nodes) {
      node.answer()
          .ifPresent(answer ->
              known.computeIfAbsent(answer.getVersion(), _ -> new TreeSet<>()).add(node.name()));
    }
    if (known.isEmpty()) {
      return List.of();
    }
    if (known.size() > 1) {
      return List.of(
          Finding.warn(
              "version",
              "cluster",
              "nodes run different versions: " + known,
              "bring all to the newest, one after the other"));
    }
    var theirs = known.firstKey();
    return List.of(
        theirs.equals(version)
            ? Finding.ok("version", "cluster", "all that answered run " + theirs)
            : Finding.warn(
                "version",
                "cluster",
                "the nodes run " + theirs + ", and this command is " + version,
                "use the command line of the version that the nodes run"));
  }
}

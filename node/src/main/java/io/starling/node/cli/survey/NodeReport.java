package io.starling.node.cli.survey;

import io.starling.node.cli.context.Target;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.local.LocalNode;
import io.starling.proto.v1.BackupStatus;
import io.starling.proto.v1.NodeState;
import io.starling.proto.v1.SpaceStatus;
import io.starling.proto.v1.StatusResponse;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What was found out about a node.
///
/// @param process its process, if it runs on this machine
/// @param answer its status; empty if it did not answer, or not that
/// @param failure why there is no answer, for people; empty if there is one
/// @param isRefusal whether it answered, but refused to tell
public record NodeReport(
    Target target,
    Optional<ProcessHandle> process,
    Optional<StatusResponse> answer,
    String failure,
    boolean isRefusal) {

  public String name() {
    return answer.map(StatusResponse::getName).orElse(target.name());
  }

  public Optional<String> id() {
    return answer.map(StatusResponse::getId);
  }

  /// `starting`, `ready`, `stopping`, `refused` or `unreachable`.
  public String state() {
    return answer
        .map(StatusResponse::getState)
        .map(NodeReport::word)
        .orElse(isRefusal ? "refused" : "unreachable");
  }

  private static String word(NodeState state) {
    var name = state.name();
    return name.substring(name.lastIndexOf('_') + 1).toLowerCase(Locale.ROOT);
  }

  public boolean isReady() {
    return answer.filter(it -> it.getState() == NodeState.NODE_STATE_READY).isPresent();
  }

  public List<SpaceStatus> spaces() {
    return answer.map(StatusResponse::getSpacesList).orElse(List.of());
  }

  /// What it says of its backups; empty if it makes none.
  public Optional<BackupStatus> backups() {
    return answer.filter(StatusResponse::hasBackups).map(StatusResponse::getBackups);
  }

  /// Where it serves HTTP, HOST:PORT; empty if that is not known.
  public String http() {
    return target
        .local()
        .map(node -> LocalNode.HOST + ":" + node.httpPort())
        .or(() -> answer.map(StatusResponse::getHttp))
        .orElse("");
  }

  public String grpc() {
    return target.endpoint().toString();
  }

  /// Its process' number, which only counts on its own machine.
  public Optional<Long> pid() {
    return process
        .map(ProcessHandle::pid)
        .or(() ->
            target.local().isPresent() ? Optional.empty() : answer.map(StatusResponse::getPid));
  }

  /// How a command ends that was to ask them: done if any answered.
  public static int exitCode(List<NodeReport> nodes) {
    if (nodes.stream().anyMatch(node -> node.answer().isPresent())) {
      return ExitCode.DONE;
    }
    return nodes.stream().anyMatch(NodeReport::isRefusal) ? ExitCode.REFUSED : ExitCode.UNREACHABLE;
  }
}

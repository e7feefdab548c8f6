package io.starling.client.link;

import java.io.Serial;
import java.time.Duration;
import java.util.Optional;

/// Asks one node after the other until one answers, a refusal stands, or patience ends.
///
/// Threads that wait here hold no lock.
///
/// @param patience for one question, over all nodes
public record Failover(Nodes nodes, Duration patience) {

  /// What is done on one node.
  @FunctionalInterface
  public interface Attempt<R> {
    /// @param deadline the end of all attempts
    R on(Node node, Deadline deadline) throws CallFailure;
  }

  /// It ended without an answer.
  public static final class GivenUp extends Exception {

    @Serial private static final long serialVersionUID = 1;

    private final transient CallFailure last;
    private final transient Node node;
    private final boolean isInDoubt;

    private GivenUp(CallFailure last, Route route, Node node) {
      super(last);
      this.last = last;
      this.node = route.doubted().orElse(node);
      this.isInDoubt = route.isInDoubt();
    }

    /// What the last node met.
    public CallFailure last() {
      return last;
    }

    /// The node that may have done it, when in doubt; else the last that was asked.
    public Node node() {
      return node;
    }

    /// Whether some node may have done it.
    public boolean isInDoubt() {
      return isInDoubt;
    }
  }

  /// Asks what changes nothing.
  ///
  /// @param beside what the question waits for by itself
  public <R> R ask(Duration beside, Attempt<R> attempt) throws GivenUp {
    return along(new Route(nodes.fromCurrent(), true), beside, attempt);
  }

  /// Asks what changes nothing.
  public <R> R ask(Attempt<R> attempt) throws GivenUp {
    return ask(Duration.ZERO, attempt);
  }

  /// Asks along a route.
  public <R> R along(Route route, Attempt<R> attempt) throws GivenUp {
    return along(route, Duration.ZERO, attempt);
  }

  /// Asks along a route.
  ///
  /// @param beside what the question waits for by itself, which is no lack of an answer
  public <R> R along(Route route, Duration beside, Attempt<R> attempt) throws GivenUp {
    var deadline = Deadline.after(patience.plus(beside));
    Optional<CallFailure> told = Optional.empty();
    while (true) {
      var node = route.node();
      try {
        var answer = entered(node, deadline, attempt);
        nodes.prefer(node);
        return answer;
      } catch (CallFailure failed) {
        route.failed(failed.isUndone());
        boolean isStopped = Thread.currentThread().isInterrupted() || nodes.isClosed();
        // A node's reason says more than that another does not answer.
        var last = failed.reason().isEmpty() ? told.orElse(failed) : failed;
        told = Optional.of(last);
        if (!failed.mayPass()) {
          throw new GivenUp(failed, route, node);
        }
        if (isStopped || deadline.isOver()) {
          throw new GivenUp(last, route, node);
        }
        Backoff.pause(route.round(), deadline);
      }
    }
  }

  private <R> R entered(Node node, Deadline deadline, Attempt<R> attempt) throws CallFailure {
    try {
      if (!nodes.enterCall(deadline)) {
        var full = io.grpc.Status.RESOURCE_EXHAUSTED;
        var why = Nodes.CALLS_MAX + " calls of this client wait for answers already";
        throw new CallFailure(node.address(), full.withDescription(why).asException(), false);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      var cancelled = io.grpc.Status.CANCELLED.withDescription("interrupted").withCause(stop);
      throw new CallFailure(node.address(), cancelled.asException(), false);
    }
    try {
      return attempt.on(node, deadline);
    } finally {
      nodes.leaveCall();
    }
  }
}

package io.starling.node;

import io.starling.node.config.NodeConfig;
import io.starling.replica.port.StorageFailure;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A node that is started again when its store is found damaged while it runs: the start sets the
/// store aside and has it made anew from the other members.
public final class RunningNode implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RunningNode.class);

  private final NodeConfig config;
  private final CompletableFuture<Optional<StartException>> end = new CompletableFuture<>();
  private Node node;
  private boolean isClosed;

  private RunningNode(NodeConfig config, Node node) {
    this.config = config;
    this.node = node;
  }

  /// Starts a node.
  ///
  /// @throws StartException if it cannot start; then nothing of it runs
  public static RunningNode start(NodeConfig config) throws StartException {
    var running = new RunningNode(config, started(config));
    running.look(running.node());
    return running;
  }

  /// The node that runs now.
  public synchronized Node node() {
    return node;
  }

  /// Waits until it has ended by itself: empty when it has left its cluster and is closed, else why
  /// it could not be started again.
  public Optional<StartException> awaitEnd() {
    return end.join();
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    node.close();
  }

  /// Damage that is met while a node starts is dealt with by the next start.
  private static Node started(NodeConfig config) throws StartException {
    try {
      return Node.start(config);
    } catch (StartException refused) {
      if (refused.getCause() instanceof StorageFailure) {
        LOG.error("{}", refused.getMessage());
        return Node.start(config);
      }
      throw refused;
    }
  }

  private void look(Node started) {
    started
        .damaged()
        .thenAcceptAsync(this::startAgain, task -> Thread.ofVirtual().name("restart").start(task));
    started
        .left()
        .thenRunAsync(this::endForGood, task -> Thread.ofVirtual().name("left").start(task));
  }

  private void endForGood() {
    close();
    end.complete(Optional.empty());
  }

  private synchronized void startAgain(String damage) {
    if (isClosed) {
      return;
    }
    LOG.error("the store is damaged ({}): this node is started again without it", damage);
    try {
      node.close();
      node = started(config);
      look(node);
    } catch (StartException refused) {
      end.complete(Optional.of(refused));
    } catch (RuntimeException | Error bug) {
      end.complete(
          Optional.of(new StartException("the node could not be started again: " + bug, bug)));
    }
  }
}

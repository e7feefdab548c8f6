package io.starling.node.client;

import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.ApplyResponse;
import io.starling.proto.v1.CreateSpaceRequest;
import io.starling.proto.v1.DropSpaceRequest;
import io.starling.proto.v1.DropSpaceResponse;
import io.starling.proto.v1.ListSpacesResponse;
import io.starling.proto.v1.ReadRequest;
import io.starling.proto.v1.ReadResponse;
import io.starling.proto.v1.ScanRequest;
import io.starling.proto.v1.ScanResponse;
import io.starling.proto.v1.SetSpaceRequest;
import io.starling.proto.v1.StatusResponse;
import io.starling.proto.v1.WatchRequest;
import io.starling.proto.v1.WatchResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// A connection to one of several nodes of a cluster: the first that answers, from then on that one
/// until it no longer does.
///
/// What changes nothing is asked again of the next node. A transaction is sent to another node only
/// if it has certainly not left this process, for it could be made twice. For one caller at a time.
public final class ClusterClient implements AutoCloseable {

  /// Most nodes to choose from.
  public static final int NODES_MAX = 16;

  /// Events of a watch that are held back for a token.
  public static final int HELD_MAX = 10_000;

  private static final Duration CONNECT_MAX = Duration.ofSeconds(3);

  private final List<Endpoint> endpoints;
  private final TreeMap<Integer, NodeClient> open = new TreeMap<>();
  private int at;
  private boolean isProbed;

  private ClusterClient(List<Endpoint> endpoints) {
    this.endpoints = List.copyOf(endpoints);
  }

  /// Prepares connections; they are made when they are needed.
  ///
  /// @param endpoints 1 to [#NODES_MAX], in order of preference
  /// @throws IOException if the authority's certificate cannot be read
  public static ClusterClient open(List<Endpoint> endpoints) throws IOException {
    if (endpoints.isEmpty() || endpoints.size() > NODES_MAX) {
      throw new IllegalArgumentException("1 to " + NODES_MAX + " nodes, not " + endpoints.size());
    }
    var client = new ClusterClient(endpoints);
    client.connect(0);
    return client;
  }

  public ReadResponse read(ReadRequest request) throws ClientException, IOException {
    return anywhere(node -> node.read(request));
  }

  public ScanResponse scan(ScanRequest request) throws ClientException, IOException {
    return anywhere(node -> node.scan(request));
  }

  public ListSpacesResponse spaces() throws ClientException, IOException {
    return anywhere(NodeClient::spaces);
  }

  public StatusResponse status(Duration patience) throws ClientException, IOException {
    return anywhere(node -> node.status(patience));
  }

  /// Creates a space. To create one that exists changes nothing, so it is tried anywhere.
  public void createSpace(CreateSpaceRequest request) throws ClientException, IOException {
    anywhere(node -> {
      node.createSpace(request);
      return true;
    });
  }

  /// Changes the settings of a space; to do it twice does no harm.
  public void setSpace(SetSpaceRequest request) throws ClientException, IOException {
    anywhere(node -> {
      node.setSpace(request);
      return true;
    });
  }

  /// Drops a space. Where it names which one, to ask again for what is done drops nothing.
  public DropSpaceResponse dropSpace(DropSpaceRequest request) throws ClientException, IOException {
    return anywhere(node -> node.dropSpace(request));
  }

  /// Makes a transaction, at most once.
  public ApplyResponse apply(ApplyRequest request) throws ClientException, IOException {
    return asked(node -> node.apply(request), ClientException::isUnsent);
  }

  /// Watches until it is told to stop, or no node goes on with it.
  ///
  /// When a node is lost or has too many watches, the next one goes on at the last token, with
  /// nothing lost and nothing twice: events are held back until a token comes. What is beyond
  /// [#HELD_MAX] is not, and may come again. Whoever takes what comes too slowly for the node goes
  /// on likewise, if there is a later token than there was at the beginning.
  public void watch(WatchRequest request, NodeClient.Watching watching)
      throws ClientException, IOException {
    var from = new Resume(request);
    while (true) {
      var begun = from.request();
      try {
        watch(from, watching);
        return;
      } catch (ClientException failed) {
        boolean hasGotOn = !from.request().getResume().equals(begun.getResume());
        if (!failed.reason().equals("SLOW") || !hasGotOn) {
          throw failed;
        }
      }
    }
  }

  private void watch(Resume from, NodeClient.Watching watching)
      throws ClientException, IOException {
    asked(
        node -> {
          from.hold();
          node.watch(
              from.request(),
              part -> {
                failures = 0;
                return from.take(part, watching);
              });
          return true;
        },
        ClusterClient::isWatchLost);
  }

  // A server that has no time left for its streams cancels them; this end never does so and fails.
  private static boolean isWatchLost(ClientException failed) {
    return switch (failed.code()) {
      case UNAVAILABLE, CANCELLED -> true;
      // The node's word that it has watches enough; not this end's, that a message is too large.
      case RESOURCE_EXHAUSTED -> !failed.reason().isEmpty();
      default -> false;
    };
  }

  /// Where a watch is gone on with.
  private static final class Resume {
    private final WatchRequest.Builder request;
    private final WatchResponse.Builder held = WatchResponse.newBuilder();

    Resume(WatchRequest request) {
      this.request = request.toBuilder();
    }

    /// Begins anew to hold back what comes before a token.
    void hold() {
      held.clear();
    }

    /// Passes on what is complete.
    ///
    /// @return whether to go on
    boolean take(WatchResponse part, NodeClient.Watching watching) {
      for (var event : part.getEventsList()) {
        held.addEvents(event);
        if (event.hasUpToDate()) {
          request.setResume(event.getUpToDate().getToken()).setChangesOnly(false);
        }
        boolean isComplete = event.hasUpToDate() || event.hasPing();
        if (isComplete || held.getEventsCount() >= HELD_MAX) {
          var whole = held.build();
          held.clear();
          if (!watching.part(whole)) {
            return false;
          }
        }
      }
      return true;
    }

    WatchRequest request() {
      return request.build();
    }
  }

  /// A node that answers, to be stayed with. Closed with this.
  public NodeClient node() throws ClientException, IOException {
    return anywhere(node -> {
      if (endpoints.size() > 1) {
        node.spaces();
      }
      return node;
    });
  }

  // How many nodes in a row have failed; a watch that gets on sets it back.
  private int failures;

  @FunctionalInterface
  private interface Call<R> {
    R on(NodeClient node) throws ClientException;
  }

  @FunctionalInterface
  private interface Repeatable {
    boolean isFor(ClientException failed);
  }

  private <R> R anywhere(Call<R> call) throws ClientException, IOException {
    return asked(call, failed -> failed.code() == io.grpc.Status.Code.UNAVAILABLE);
  }

  private <R> R asked(Call<R> call, Repeatable repeatable) throws ClientException, IOException {
    Optional<ClientException> last = Optional.empty();
    for (failures = 0; failures < endpoints.size(); failures++) {
      if (isProbed || isListening()) {
        isProbed = true;
        try {
          return call.on(connect(at));
        } catch (ClientException failed) {
          if (endpoints.size() == 1 || !(repeatable.isFor(failed) || isElsewhere(failed))) {
            throw failed;
          }
          last = Optional.of(failed);
        }
      }
      next();
    }
    throw last.orElseGet(() -> ClientException.unreachable(endpoints));
  }

  // Nothing was done: the node does not have the space, and others do.
  private static boolean isElsewhere(ClientException failed) {
    return failed.reason().equals("NOT_HOSTED");
  }

  private void next() {
    at = (at + 1) % endpoints.size();
    isProbed = false;
  }

  // With no other node to turn to, the call itself finds out best what is wrong.
  private boolean isListening() {
    if (endpoints.size() == 1) {
      return true;
    }
    var endpoint = endpoints.get(at);
    try (var socket = new Socket()) {
      var address = new InetSocketAddress(endpoint.host(), endpoint.port());
      socket.connect(address, (int) CONNECT_MAX.toMillis());
      return true;
    } catch (IOException gone) {
      return false;
    }
  }

  private NodeClient connect(int index) throws IOException {
    var known = Optional.ofNullable(open.get(index));
    if (known.isPresent()) {
      return known.get();
    }
    var fresh = NodeClient.open(endpoints.get(index));
    open.put(index, fresh);
    return fresh;
  }

  @Override
  public void close() {
    open.values().forEach(NodeClient::close);
  }
}

package io.starling.client;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.TlsChannelCredentials;
import io.starling.client.link.Address;
import io.starling.client.link.CallFailure;
import io.starling.client.link.Failover;
import io.starling.client.link.Node;
import io.starling.client.link.Nodes;
import io.starling.proto.v1.CreateSpaceRequest;
import io.starling.proto.v1.ListSpacesRequest;
import io.starling.proto.v1.SpaceEntry;
import io.starling.proto.v1.StatusRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// The nodes of a cluster as one. Safe to use from any thread; one is enough for a program.
///
/// Goes on with one node until that fails, then with the next, in the order in which they were
/// named. Connections are made when they are needed, and again when they are lost.
public final class StarlingClient implements AutoCloseable {

  private final Failover failover;
  private final Builder made;

  private StarlingClient(Builder made, Nodes nodes) {
    this.made = made;
    this.failover = new Failover(nodes, made.patience);
  }

  /// Says where the nodes are and how to be let in.
  public static Builder builder() {
    return new Builder();
  }

  /// Begins to work in a space; `main` exists from the start.
  public Session session(String space) {
    return new Session(
        space, failover, new Session.Times(made.attempt, made.watchPatience, made.silence));
  }

  /// Creates a space, if it does not exist yet. Other nodes know it a moment later.
  public void createSpace(String name) {
    var request = CreateSpaceRequest.newBuilder().setName(name).build();
    var _ = ask((node, limit) -> node.call(limit, stub -> stub.createSpace(request)));
  }

  /// The names of the spaces that may be read.
  public List<String> spaces() {
    var request = ListSpacesRequest.getDefaultInstance();
    var answer = ask((node, limit) -> node.call(limit, stub -> stub.listSpaces(request)));
    return answer.getSpacesList().stream().map(SpaceEntry::getName).toList();
  }

  /// What each node says of itself, those that do not answer included.
  public List<NodeStatus> status() {
    return failover.nodes().all().stream().map(this::status).toList();
  }

  private NodeStatus status(Node node) {
    var request = StatusRequest.getDefaultInstance();
    try {
      var status = node.call(made.attempt, stub -> stub.status(request));
      return new NodeStatus(node.toString(), Optional.of(status), "");
    } catch (CallFailure failed) {
      return new NodeStatus(node.toString(), Optional.empty(), "" + failed.getMessage());
    }
  }

  private interface Call<R> {
    R on(Node node, Duration limit) throws CallFailure;
  }

  private <R> R ask(Call<R> call) {
    try {
      return failover.ask((node, deadline) -> call.on(node, deadline.atMost(made.attempt)));
    } catch (Failover.GivenUp failed) {
      throw new StarlingException(failed.last());
    }
  }

  /// Ends all connections. Watches complete; calls under way fail.
  @Override
  public void close() {
    failover.nodes().close();
  }

  /// How a client is made. For one thread.
  public static final class Builder {

    private final List<Address> nodes = new ArrayList<>();
    private Optional<byte[]> authority = Optional.empty();
    private boolean isPlainText;
    private Supplier<String> token = () -> "";
    private Duration patience = Duration.ofSeconds(30);
    private Duration attempt = Duration.ofSeconds(5);
    private Duration watchPatience = Duration.ofMinutes(10);

    // Nodes ping every ten seconds: two were missed.
    private Duration silence = Duration.ofSeconds(20);

    private Builder() {}

    /// The client APIs of nodes, each as `host:port`, the preferred ones first. One address is one
    /// node: no balancer may stand before several.
    public Builder nodes(String... addresses) {
      return nodes(List.of(addresses));
    }

    public Builder nodes(Collection<String> addresses) {
      addresses.stream().map(Address::parse).forEach(nodes::add);
      return this;
    }

    /// The certificate of the cluster's authority, in PEM: who is trusted to be a node.
    public Builder authority(Path pem) throws IOException {
      return authority(Files.readAllBytes(pem));
    }

    public Builder authority(byte[] pem) {
      authority = Optional.of(pem.clone());
      return this;
    }

    /// Speaks without TLS. On loopback only.
    public Builder plainText() {
      isPlainText = true;
      return this;
    }

    public Builder token(String bearer) {
      return token(() -> bearer);
    }

    /// Is asked for each call, so that tokens can be rotated; must not block for long.
    public Builder token(Supplier<String> bearer) {
      token = bearer;
      return this;
    }

    /// How long a call may take over all nodes, beside what it waits for by itself, as for a level;
    /// 30 s unless said. The shorter, the sooner a program hears that nobody answers.
    public Builder patience(Duration all) {
      patience = all;
      return this;
    }

    /// How long one node may take before another is asked, beside what a call waits for by itself;
    /// 5 s unless said. Too short, and a busy node is taken for a dead one.
    public Builder attempt(Duration one) {
      attempt = one;
      return this;
    }

    /// How long a watch goes on looking for a node that answers; 10 min unless said.
    public Builder watchPatience(Duration silence) {
      watchPatience = silence;
      return this;
    }

    Builder silence(Duration watch) {
      silence = watch;
      return this;
    }

    /// Makes the client. It connects when it is used.
    ///
    /// @throws IllegalArgumentException if neither an authority nor plain text was named, or plain
    ///   text would leave the machine
    public StarlingClient build() {
      Stream.of(patience, attempt, watchPatience)
          .filter(it -> it.isNegative() || it.isZero())
          .forEach(it -> {
            throw new IllegalArgumentException("a time to wait that is not positive: " + it);
          });
      return new StarlingClient(this, new Nodes(nodes, credentials(), token));
    }

    private ChannelCredentials credentials() {
      if (authority.isPresent()) {
        return tls(authority.get());
      }
      if (!isPlainText) {
        throw new IllegalArgumentException(
            "name the authority's certificate, as in authority(Path.of(\"authority.pem\"))");
      }
      for (var node : nodes) {
        if (!node.isLoopback()) {
          throw new IllegalArgumentException(
              "plain text is for loopback only, not for " + node + "; name the authority");
        }
      }
      return InsecureChannelCredentials.create();
    }

    private static ChannelCredentials tls(byte[] pem) {
      try {
        var x509 = CertificateFactory.getInstance("X.509");
        if (x509.generateCertificates(new ByteArrayInputStream(pem)).isEmpty()) {
          throw new CertificateException("empty");
        }
        var trust = new ByteArrayInputStream(pem);
        return TlsChannelCredentials.newBuilder().trustManager(trust).build();
      } catch (IOException | CertificateException unreadable) {
        throw new IllegalArgumentException("the authority is no certificate in PEM", unreadable);
      }
    }
  }
}

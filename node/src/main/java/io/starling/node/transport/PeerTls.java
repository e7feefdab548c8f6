package io.starling.node.transport;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.starling.node.identity.Credentials;
import io.starling.node.identity.NodeIdentity;
import java.time.InstantSource;
import javax.net.ssl.SSLException;

/// TLS between peers: 1.3 only, both ends with a certificate, by the JDK's own implementation.
///
/// Each shows its own certificate alone: the authority's is known to all who can trust it. And no
/// session is ever resumed, for that would skip the check of the certificate's time; so none is
/// offered, which would take 1 kB of each connection.
record PeerTls(SslContext server, SslContext client) {

  private static final String PROTOCOL = "TLSv1.3";

  // For a session that would live longer than any ticket may (RFC 8446, 4.6.1: 7 days) the JDK
  // sends none.
  private static final int NO_TICKET_SECONDS = 604_801;

  static PeerTls of(NodeIdentity identity, InstantSource clock) throws SSLException {
    var trust = new ClusterTrust(identity.authority(), clock);
    Credentials own = identity.peer();
    var shown = own.certificate();
    var builder = SslContextBuilder.forServer(own.secret(), shown).clientAuth(ClientAuth.REQUIRE);
    var server = build(builder, trust);
    server.sessionContext().setSessionTimeout(NO_TICKET_SECONDS);
    var client = build(GrpcSslContexts.forClient().keyManager(own.secret(), shown), trust);
    // A peer of an earlier version sends tickets.
    client.sessionContext().setSessionTimeout(1);
    return new PeerTls(server, client);
  }

  private static SslContext build(SslContextBuilder builder, ClusterTrust trust)
      throws SSLException {
    return GrpcSslContexts.configure(builder, SslProvider.JDK)
        .protocols(PROTOCOL)
        .trustManager(trust)
        .build();
  }
}

package io.starling.node.transport;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.starling.node.identity.Credentials;
import io.starling.node.identity.NodeIdentity;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import javax.net.ssl.SSLException;

/// TLS between peers: 1.3 only, both ends with a certificate, by the JDK's own implementation.
record PeerTls(SslContext server, SslContext client) {

  private static final String PROTOCOL = "TLSv1.3";

  static PeerTls of(NodeIdentity identity, InstantSource clock) throws SSLException {
    var trust = new ClusterTrust(identity.authority(), clock);
    Credentials own = identity.peer();
    var chain = own.chain().toArray(X509Certificate[]::new);
    var server = SslContextBuilder.forServer(own.secret(), chain).clientAuth(ClientAuth.REQUIRE);
    var client = GrpcSslContexts.forClient().keyManager(own.secret(), chain);
    return new PeerTls(build(server, trust), build(client, trust));
  }

  private static SslContext build(SslContextBuilder builder, ClusterTrust trust)
      throws SSLException {
    var context =
        GrpcSslContexts.configure(builder, SslProvider.JDK)
            .protocols(PROTOCOL)
            .trustManager(trust)
            .build();
    // A resumed session would skip the check of the certificate's time.
    context.sessionContext().setSessionTimeout(1);
    return context;
  }
}

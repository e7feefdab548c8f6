package io.starling.node.transport;

import io.starling.node.identity.AuthorityCertificate;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.NodeCertificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who is at the other end of a TLS session.
final class Sessions {

  private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

  private Sessions() {}

  /// The certificate that the other end has shown; [ClusterTrust] has checked it.
  static Optional<NodeCertificate> peer(
      @Nullable SSLSession session, AuthorityCertificate authority) {
    if (session == null) {
      return Optional.empty();
    }
    try {
      return session.getPeerCertificates()[0] instanceof X509Certificate certificate
          ? Optional.of(NodeCertificate.of(certificate, authority))
          : Optional.empty();
    } catch (SSLPeerUnverifiedException | IdentityException refused) {
      LOG.error("a TLS session without a proper certificate", refused);
      return Optional.empty();
    }
  }
}

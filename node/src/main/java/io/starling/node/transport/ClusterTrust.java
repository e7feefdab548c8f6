package io.starling.node.transport;

import io.starling.node.identity.AuthorityCertificate;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.NodeCertificate;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Trusts whoever shows a node certificate of this cluster's authority, within its time.
///
/// Host names are not compared: a peer is its key, wherever it is reached. An address only says
/// where to dial, and whoever answers there proves which member it is.
final class ClusterTrust extends X509ExtendedTrustManager {

  private final AuthorityCertificate authority;
  private final InstantSource clock;

  ClusterTrust(AuthorityCertificate authority, InstantSource clock) {
    this.authority = authority;
    this.clock = clock;
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    try {
      if (chain.length == 0) {
        throw new CertificateException("an empty certificate chain");
      }
      NodeCertificate.of(chain[0], authority).checkTime(clock.instant());
    } catch (IdentityException refused) {
      throw new CertificateException(refused.getMessage(), refused);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  /// None are named, so that a node of another cluster shows its certificate and can be told what
  /// is wrong, instead of showing none.
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}

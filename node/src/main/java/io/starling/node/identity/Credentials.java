package io.starling.node.identity;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/// What one end of a TLS connection proves itself with.
///
/// @param chain the end's own certificate, then the authority's, so that a stranger can at least
///   say which cluster it has met
public record Credentials(PrivateKey secret, List<X509Certificate> chain) {

  public Credentials {
    chain = List.copyOf(chain);
  }

  public X509Certificate certificate() {
    return chain.getFirst();
  }

  /// The host names that the certificate is good for.
  public List<String> hostNames() {
    return X509.hostNames(certificate());
  }

  /// Only the certificate's subject: this ends up in logs.
  @Override
  public String toString() {
    return "Credentials " + certificate().getSubjectX500Principal();
  }
}

package io.starling.node.cli.survey;

import io.starling.node.identity.Credentials;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// TLS as a client of a node, or as a peer: for those who look, not for those who talk.
public record Tls(SSLContext context) {

  private static final String PROTOCOL = "TLSv1.3";
  private static final int MILLIS_MAX = 3_000;

  /// That trusts the authority whose certificate is in a file.
  public static Tls trusting(Path authority) throws IOException {
    try (InputStream in = Files.newInputStream(authority)) {
      var certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
      return of(certificate, Optional.empty());
    } catch (GeneralSecurityException foreign) {
      throw new IOException(authority + " holds no certificate", foreign);
    }
  }

  /// That trusts the authority which made one's own certificate.
  public static Tls asPeer(Credentials own) throws IOException {
    try {
      return of(own.chain().getLast(), Optional.of(own));
    } catch (GeneralSecurityException broken) {
      throw new IOException("the certificates cannot be used: " + broken.getMessage(), broken);
    }
  }

  private static Tls of(Certificate authority, Optional<Credentials> own)
      throws IOException, GeneralSecurityException {
    var trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("authority", authority);
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    var held = KeyStore.getInstance("PKCS12");
    held.load(null, null);
    var none = new char[0];
    if (own.isPresent()) {
      var chain = own.get().chain().toArray(Certificate[]::new);
      held.setKeyEntry("own", own.get().secret(), none, chain);
    }
    keys.init(held, none);
    var context = SSLContext.getInstance(PROTOCOL);
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return new Tls(context);
  }

  /// Shakes hands, and returns whom with.
  ///
  /// @param isNamed whether the certificate must be good for the host's name
  public X509Certificate meet(String host, int port, boolean isNamed) throws IOException {
    try (var plain = new Socket()) {
      plain.connect(new InetSocketAddress(host, port), MILLIS_MAX);
      plain.setSoTimeout(MILLIS_MAX);
      try (var socket =
          (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true)) {
        var parameters = socket.getSSLParameters();
        parameters.setProtocols(new String[] {PROTOCOL});
        parameters.setApplicationProtocols(new String[] {"h2"});
        if (isNamed) {
          parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return (X509Certificate) socket.getSession().getPeerCertificates()[0];
      }
    }
  }
}

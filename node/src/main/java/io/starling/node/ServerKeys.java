package io.starling.node;

import io.starling.node.identity.Credentials;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Arrays;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509KeyManager;

/// Credentials in the form that the JDK's TLS takes.
public final class ServerKeys {

  private static final String ALIAS = "node";

  private ServerKeys() {}

  public static X509KeyManager of(Credentials credentials) throws IOException {
    try {
      var none = new char[0];
      var keys = KeyStore.getInstance("PKCS12");
      keys.load(null, none);
      var chain = credentials.chain().toArray(Certificate[]::new);
      keys.setKeyEntry(ALIAS, credentials.secret(), none, chain);
      var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(keys, none);
      return Arrays.stream(factory.getKeyManagers())
          .filter(X509KeyManager.class::isInstance)
          .map(X509KeyManager.class::cast)
          .findFirst()
          .orElseThrow(() -> new IOException("this JDK has no key manager for X.509"));
    } catch (GeneralSecurityException broken) {
      throw new IOException("the API's certificate cannot be used", broken);
    }
  }
}

package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.identity.Credentials;
import io.starling.node.identity.Validity;
import io.starling.node.transport.Flock.Bird;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Random;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RefusalTest {

  private static final char[] NO_PASSWORD = new char[0];

  @TempDir private Path root;
  private Flock flock;
  private Bird alpha;

  @BeforeEach
  void start() throws Exception {
    flock = new Flock(root, "flock");
    alpha = flock.join("alpha");
    alpha.start();
  }

  @AfterEach
  void stillServesAndStop() throws Exception {
    var beta = flock.join("beta").start(alpha.address());
    await().until(() -> alpha.isLinked(beta));
    flock.close();
  }

  @Test
  void garbage() throws Exception {
    var garbage = new byte[64 * 1024];
    new Random(1).nextBytes(garbage);
    garbage[0] = 0;
    assertThat(closedAfter(garbage)).isTrue();
    awaitRefusal(Refusal.NOT_TLS);
  }

  @Test
  void garbageThatBeginsLikeTls() throws Exception {
    var garbage = new byte[64 * 1024];
    new Random(2).nextBytes(garbage);
    System.arraycopy(new byte[] {0x16, 3, 1, 0x3F, 0, 1}, 0, garbage, 0, 6);
    assertThat(closedAfter(garbage)).isTrue();
    awaitRefusal(Refusal.HANDSHAKE);
  }

  @Test
  void plainText() throws Exception {
    var preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    assertThat(closedAfter(preface)).isTrue();
    awaitRefusal(Refusal.NOT_TLS);
  }

  @Test
  void aClientWithoutCertificate() throws Exception {
    handshake(Optional.empty(), "TLSv1.3");
    awaitRefusal(Refusal.NO_CERTIFICATE);
  }

  @Test
  void olderTls() throws Exception {
    var member = flock.join("member");
    handshake(Optional.of(member.identity.peer()), "TLSv1.2");
    awaitRefusal(Refusal.OLD_TLS);
  }

  @Test
  void aServersCertificateShownByAPeer() throws Exception {
    var member = flock.join("member");
    handshake(Optional.of(member.identity.api()), "TLSv1.3");
    awaitRefusal(Refusal.BAD_CERTIFICATE);
  }

  @Test
  void anExpiredCertificate() throws Exception {
    var past = Instant.now().minus(Duration.ofMinutes(50));
    var member = flock.join("member", new Validity(past, past.plus(Duration.ofMinutes(9))));
    handshake(Optional.of(member.identity.peer()), "TLSv1.3");
    awaitRefusal(Refusal.EXPIRED);
  }

  @Test
  void aNodeOfAnotherCluster() throws Exception {
    try (var others = new Flock(root, "others")) {
      var stranger = others.join("stranger");
      handshake(Optional.of(stranger.identity.peer()), "TLSv1.3");
      awaitRefusal(Refusal.FOREIGN_CLUSTER);
      stranger.start(alpha.address());
      await().until(() -> stranger.transport().traffic().isEmpty() && stranger.inbox.up.isEmpty());
    }
    assertThat(alpha.transport().traffic()).isEmpty();
    assertThat(alpha.roster.all()).containsExactly(alpha.identity.certificate());
  }

  @Test
  void aServerOfAnotherCluster() throws Exception {
    try (var others = new Flock(root, "others")) {
      var stranger = others.join("stranger").start();
      var caller = flock.join("caller").start(stranger.address());
      await().until(() -> stranger.transport().refusals().get(Refusal.NOT_TRUSTED) > 0);
      assertThat(caller.transport().traffic()).isEmpty();
      assertThat(stranger.transport().traffic()).isEmpty();
    }
  }

  @Test
  void moreConnectionsThanAllowed() throws Exception {
    int allowed = 2 * Flock.QUICK.peers() + TransportLimits.CALLS_PER_CONNECTION_MAX;
    var open = new ArrayList<Socket>();
    try {
      for (int i = 0; i < allowed + 20; i++) {
        open.add(connect());
      }
      awaitRefusal(Refusal.TOO_MANY_CONNECTIONS);
    } finally {
      for (var socket : open) {
        socket.close();
      }
    }
  }

  private void awaitRefusal(Refusal refusal) {
    await().untilAsserted(() -> assertThat(alpha.transport().refusals().get(refusal)).isPositive());
    for (var other : Refusal.values()) {
      if (other != refusal) {
        assertThat(alpha.transport().refusals()).as(other.label()).containsEntry(other, 0L);
      }
    }
  }

  private boolean closedAfter(byte[] bytes) throws IOException {
    try (var socket = connect()) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(bytes);
      var in = socket.getInputStream();
      while (in.read() >= 0) {
        // An alert may come before the end.
      }
      return true;
    } catch (SocketException reset) {
      return true;
    }
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), alpha.address().port());
  }

  /// Goes through a handshake, and as far beyond it as the server lets it.
  private void handshake(Optional<Credentials> credentials, String protocol)
      throws GeneralSecurityException, IOException {
    var context = SSLContext.getInstance("TLS");
    var trust = new ClusterTrust(alpha.identity.authority(), InstantSource.system());
    context.init(keys(credentials), new TrustManager[] {trust}, null);
    try (var socket = (SSLSocket) context.getSocketFactory().createSocket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), alpha.address().port()));
      socket.setSoTimeout(10_000);
      socket.setEnabledProtocols(new String[] {protocol});
      var parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      assertThat(socket.getInputStream().read()).isNegative();
    } catch (IOException refused) {
      assertThat(refused).isNotInstanceOf(SocketTimeoutException.class);
    }
  }

  private static KeyManager[] keys(Optional<Credentials> credentials)
      throws GeneralSecurityException, IOException {
    if (credentials.isEmpty()) {
      return new KeyManager[0];
    }
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    var chain = credentials.get().chain().toArray(X509Certificate[]::new);
    store.setKeyEntry("node", credentials.get().secret(), NO_PASSWORD, (Certificate[]) chain);
    var keys = KeyManagerFactory.getInstance("SunX509");
    keys.init(store, NO_PASSWORD);
    return keys.getKeyManagers();
  }
}

package io.starling.node.discovery.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.config.HazelcastConfig;
import io.starling.node.config.HazelcastConfig.Join;
import io.starling.node.discovery.Advertisement;
import io.starling.node.discovery.DiscoveryStatus.State;
import io.starling.node.discovery.HintBook;
import io.starling.node.discovery.HintRefusal;
import io.starling.node.discovery.RecordedHints;
import io.starling.node.discovery.RecordedHints.At;
import io.starling.node.identity.PeerAddress;
import io.starling.node.local.FreePorts;
import io.starling.replica.batch.ClusterId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Real Hazelcast members on loopback.
@Timeout(120)
final class HazelcastDiscoveryTest {

  private static final ClusterId CLUSTER = new ClusterId(5, 6);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<HazelcastDiscovery> running = new ArrayList<>();
  private final List<HazelcastInstance> rogues = new ArrayList<>();
  private int port;

  @BeforeEach
  void choosePorts() {
    port = FreePorts.block();
  }

  @AfterEach
  void stop() {
    rogues.forEach(it -> it.getLifecycleService().terminate());
    running.forEach(HazelcastDiscovery::close);
  }

  /// A node without the rest of it.
  private final class Finder {
    final RecordedHints hints = new RecordedHints();
    final Advertisement own;
    final HazelcastDiscovery discovery;

    Finder(int number, ClusterId cluster, Join join) {
      this(number, new InetSocketAddress("127.0.0.1", port + number), cluster, join);
    }

    Finder(int number, InetSocketAddress listen, ClusterId cluster, Join join) {
      own = advertisement(number);
      discovery =
          HazelcastDiscovery.start(
              new HazelcastConfig(listen, join), cluster, own, new HintBook(hints, own));
      running.add(discovery);
    }

    State state() {
      return discovery.status().state();
    }

    At at() {
      return new At(own.address(), own.node());
    }

    Finder awaitRunning() {
      await().atMost(PATIENCE).until(() -> state() == State.RUNNING);
      return this;
    }
  }

  private Advertisement advertisement(int number) {
    var peer = new PeerAddress("127.0.0.1", port + 50 + number);
    return new Advertisement(peer, new KeyFingerprint(7, number), "here");
  }

  private Join list(int... numbers) {
    var members = new ArrayList<PeerAddress>();
    for (int number : numbers) {
      members.add(new PeerAddress("127.0.0.1", port + number));
    }
    return new Join.Members(members);
  }

  @Test
  void membersFindEachOtherAsTheyComeAndMissEachOtherAsTheyGo() {
    var one = new Finder(1, CLUSTER, list(1)).awaitRunning();
    assertThat(one.hints.standing()).isEmpty();
    var two = new Finder(2, CLUSTER, list(1)).awaitRunning();
    await().atMost(PATIENCE).until(() -> one.hints.standing().equals(Set.of(two.at())));
    await().atMost(PATIENCE).until(() -> two.hints.standing().equals(Set.of(one.at())));
    assertThat(one.discovery.status().members()).isEqualTo(1);

    two.discovery.close();
    await().atMost(PATIENCE).until(() -> one.hints.doubted().equals(List.of(two.own.node())));
    assertThat(one.hints.standing()).isEmpty();
    assertThat(two.hints.doubted()).isEmpty();
    assertThat(two.hints.standing()).isEmpty();
    assertThat(two.state()).isEqualTo(State.STOPPED);
  }

  @Test
  void anotherClusterIsNotMixedIn() {
    var one = new Finder(1, CLUSTER, list(1, 2)).awaitRunning();
    var other = new Finder(2, new ClusterId(8, 8), list(1, 2)).awaitRunning();
    assertThat(one.hints.standingMost()).isZero();
    assertThat(other.hints.standingMost()).isZero();
    assertThat(other.discovery.status().members()).isZero();
  }

  @Test
  void aRogueMemberGivesAddressesToTryAndNothingElse() {
    var one = new Finder(1, CLUSTER, list(1)).awaitRunning();
    // Of any program, with no attributes; with the node's own name; at the cloud's metadata.
    rogue(11, "", "");
    rogue(12, "127.0.0.1:9", one.own.node().toString());
    rogue(13, "169.254.169.254:80", new KeyFingerprint(9, 9).toString());
    var liar = rogue(14, "127.0.0.1:9", new KeyFingerprint(7, 2).toString());
    await().atMost(PATIENCE).until(() -> one.discovery.status().members() == 4);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(one.discovery.status().hints().refused())
                .hasEntrySatisfying(HintRefusal.MALFORMED, it -> assertThat(it).isPositive())
                .hasEntrySatisfying(HintRefusal.OWN, it -> assertThat(it).isPositive())
                .hasEntrySatisfying(
                    HintRefusal.FORBIDDEN_ADDRESS, it -> assertThat(it).isPositive()));
    var lie = new At(new PeerAddress("127.0.0.1", 9), new KeyFingerprint(7, 2));
    await().atMost(PATIENCE).until(() -> one.hints.standing().equals(Set.of(lie)));

    liar.getLifecycleService().terminate();
    await().atMost(PATIENCE).until(() -> one.hints.standing().isEmpty());
    assertThat(one.hints.doubted()).containsExactly(new KeyFingerprint(7, 2));
    assertThat(one.state()).isEqualTo(State.RUNNING);
  }

  private HazelcastInstance rogue(int number, String address, String node) {
    var listen = new InetSocketAddress("127.0.0.1", port + number);
    var settings =
        MemberSettings.of(new HazelcastConfig(listen, list(1)), CLUSTER, advertisement(number));
    settings.getMemberAttributeConfig().getAttributes().clear();
    if (!address.isEmpty()) {
      settings
          .getMemberAttributeConfig()
          .setAttribute(MemberSettings.ADDRESS, address)
          .setAttribute(MemberSettings.NODE, node);
    }
    var rogue = Hazelcast.newHazelcastInstance(settings);
    rogues.add(rogue);
    return rogue;
  }

  @Test
  void onlyTheOneSocketListensAndItSpeaksToMembersOnly() throws Exception {
    var before = listening();
    new Finder(1, new InetSocketAddress("127.0.0.2", port + 1), CLUSTER, list(1)).awaitRunning();
    var fresh = new HashSet<>(listening());
    fresh.removeAll(before);
    assertThat(fresh).containsExactly("127.0.0.2:" + (port + 1));

    // Hazelcast takes its time to hang up, so all at once. Its client protocol, REST, memcached's
    // two, TLS, and something else.
    var greetings =
        List.of(
            "CP2\0\0\0\0",
            "CB2\0\0\0\0",
            "GET /hazelcast/health HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST /hazelcast/rest/maps/a/b HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
            "get a\r\n",
            "version\r\n",
            "\u0016\u0003\u0001\u0002\0\u0001",
            "some other greeting\r\n");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers = greetings.stream().map(it -> threads.submit(() -> answer(it))).toList();
      for (var answer : answers) {
        // At most the three letters that say that the protocol is none of this port's.
        assertThat(answer.get()).isIn("", "UNX");
      }
    }
  }

  private String answer(String greeting) throws IOException {
    try (var socket = new Socket("127.0.0.2", port + 1)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(greeting.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (java.net.SocketException reset) {
      return "";
    }
  }

  /// What this process listens on, TCP and UDP, as the kernel tells it.
  private static Set<String> listening() throws IOException {
    var own = new HashSet<String>();
    try (var files = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (var file : files) {
        if (Files.isSymbolicLink(file)) {
          own.add(inode(file));
        }
      }
    }
    var found = new HashSet<String>();
    for (var table : List.of("tcp", "tcp6", "udp", "udp6")) {
      for (var line : Files.readAllLines(Path.of("/proc/self/net/" + table))) {
        var words = line.strip().split("\\s+");
        boolean isOpen =
            words[3].equals("0A") || (table.startsWith("udp") && words[3].equals("07"));
        if (isOpen && own.contains(words[9])) {
          found.add(address(words[1]));
        }
      }
    }
    return found;
  }

  private static String inode(Path file) {
    try {
      return Files.readSymbolicLink(file).toString().replaceAll("socket:\\[(\\d+)]", "$1");
    } catch (IOException closedMeanwhile) {
      return "";
    }
  }

  // The kernel writes each four bytes in the machine's order.
  private static String address(String hex) throws IOException {
    var digits = hex.substring(0, hex.indexOf(':'));
    var bytes = new byte[digits.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      int at = (i / 4) * 4 + 3 - i % 4;
      bytes[at] = (byte) Integer.parseInt(digits.substring(2 * i, 2 * i + 2), 16);
    }
    var host = InetAddress.getByAddress(bytes).getHostAddress();
    return host + ":" + Integer.parseInt(hex.substring(hex.indexOf(':') + 1), 16);
  }

  @Test
  void noObjectOfJavasSerializationIsTaken() {
    var member = rogue(1, "", "");
    var serialization =
        ((com.hazelcast.instance.impl.HazelcastInstanceProxy) member)
            .getOriginal()
            .getSerializationService();
    var harmful = serialization.toData(new ArrayList<>(List.of(new Payload("x"))));
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> serialization.toObject(harmful))
        .hasStackTraceContaining("is not allowed");
    var direct = serialization.toData(new Payload("x"));
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> serialization.toObject(direct))
        .hasStackTraceContaining("is not allowed");
  }

  private record Payload(String text) implements java.io.Serializable {}

  @Test
  void aPortInUseIsReportedAndTriedAgain() throws Exception {
    try (var taken = new ServerSocket(port + 1, 1, InetAddress.getByName("127.0.0.1"))) {
      var one = new Finder(1, CLUSTER, list(1));
      await().atMost(PATIENCE).until(() -> one.state() == State.FAILED);
      assertThat(one.discovery.status().reason()).contains(Integer.toString(taken.getLocalPort()));
      assertThat(one.discovery.status().failures()).isPositive();
      taken.close();
      one.awaitRunning();
      assertThat(one.discovery.status().reason()).isEmpty();
    }
  }

  @Test
  void inKubernetesTheNamesOfAServiceLeadToMembers() {
    // A name that DNS knows everywhere: it leads to the first member's address.
    var dns = new Join.ServiceDns("localhost");
    var one = new Finder(1, CLUSTER, dns).awaitRunning();
    // Another address, the same port, as pods have it.
    var pod = new InetSocketAddress("127.0.0.2", port + 1);
    var two = new Finder(2, pod, CLUSTER, dns).awaitRunning();
    await().atMost(PATIENCE).until(() -> one.hints.standing().equals(Set.of(two.at())));
    await().atMost(PATIENCE).until(() -> two.hints.standing().equals(Set.of(one.at())));
  }

  @Test
  void stoppingWhileItStartsTakesBoundedTime() {
    var one = new Finder(1, CLUSTER, list(1));
    long begun = System.nanoTime();
    one.discovery.close();
    assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(30));
    await().atMost(PATIENCE).until(() -> one.state() == State.STOPPED);
    // Nothing of it is left: the port is free.
    await().atMost(PATIENCE).until(() -> Hazelcast.getAllHazelcastInstances().isEmpty());
  }
}

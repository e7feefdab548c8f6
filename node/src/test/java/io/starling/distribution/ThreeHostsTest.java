package io.starling.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/// What was installed by the commands of docs/operations.md.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(GuidedHosts.Provider.class)
final class ThreeHostsTest {

  private static final List<String> NAMES = GuidedHosts.NAMES;
  private static final String CA = "--ca /var/lib/starling/identity/authority.pem";
  private static final String CURL =
      "curl -sS --max-time 5 --cacert /var/lib/starling/identity/authority.pem ";

  private final GuidedHosts hosts;
  private final HostNetwork network;

  ThreeHostsTest(GuidedHosts hosts) {
    this.hosts = hosts;
    this.network = hosts.network();
  }

  @Test
  @Order(1)
  void theGuideLeadsToAWriteOnOneHostThatIsReadOnAnother() {
    assertThat(hosts.setUp()).hasSizeGreaterThan(30);
    assertThat(outputOf("starling get greeting"))
        .contains("hello")
        .contains(NAMES.get(0), NAMES.get(1), NAMES.get(2));
    assertThat(outputOf("/api/health")).contains("ready");
  }

  @Test
  @Order(2)
  void theUnitIsOneThatSystemdTakesAndCallsSafe() throws Exception {
    var unit = "/etc/systemd/system/starling.service";
    var host = network.host("alpha");
    assertThat(host.run("systemd-analyze verify " + unit).orFail()).isEmpty();
    // In tenths; 9.6 is a service without any of it.
    host.run("systemd-analyze security --offline=true --threshold=20 " + unit).orFail();
  }

  @Test
  @Order(3)
  void theNodeIsNoRootAndItsKeysAreItsOwn() throws Exception {
    var host = network.host("alpha");
    var users = host.run("ps -C java -o user=").orFail().strip().lines().distinct().toList();
    assertThat(users).containsExactly("starling");
    assertThat(host.run("stat -c '%a %U' /var/lib/starling /var/lib/starling/admin.token").orFail())
        .isEqualTo("700 starling\n600 starling\n");
    assertThat(host.run("cat /proc/$(</run/starling.pid)/cmdline | tr '\\0' ' '").orFail())
        .contains("-XX:AOTCache=/opt/starling-");
  }

  @Test
  @Order(4)
  void everyPortThatOthersReachSpeaksTlsAndNothingElse() throws Exception {
    var host = network.host("beta");
    var listening = host.run("ss -ltnH | awk '{print $4}' | sed 's/.*://' | sort -u").orFail();
    assertThat(listening.lines()).containsExactly("7410", "7411", "7412");
    for (var port : listening.lines().toList()) {
      var plain =
          network
              .host("gamma")
              .run(
                  "exec 3<>/dev/tcp/beta.example/%s; printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; timeout 5 cat <&3 | tr -d '\\0' || true"
                      .formatted(port));
      assertThat(plain.out()).as(port).doesNotContain("HTTP/1", "starling_");
    }
  }

  @Test
  @Order(5)
  void metricsFromAnotherHostNeedATokenAndAKnownAuthority() throws Exception {
    var host = network.host("alpha");
    var metrics = "https://beta.example:7410/metrics";
    assertThat(host.run(CURL + "-o /dev/null -w '%{http_code}' " + metrics).orFail())
        .isEqualTo("401");
    var token = "-H \"Authorization: Bearer $(</var/lib/starling/admin.token)\" ";
    assertThat(host.run(CURL + token + metrics).orFail()).contains("starling_space_running");
    assertThat(host.run("curl -sS --max-time 5 " + metrics).exit())
        .as("curl's code for a certificate of an unknown authority")
        .isEqualTo(60);
  }

  @Test
  @Order(6)
  void aHostThatIsCutOffGoesOnAloneAndMeetsTheOthersWhenTheLinkIsBack() throws Exception {
    network.link("gamma", false);
    set("alpha", "from-alpha", "one");
    set("gamma", "from-gamma", "two");
    assertThat(get("beta", "beta", "from-alpha")).contains("one");
    assertThat(get("alpha", "gamma", "from-gamma")).doesNotContain("two");
    assertThat(get("gamma", "gamma", "from-alpha")).doesNotContain("one");
    network.link("gamma", true);
    eventually(() -> get("gamma", "gamma", "from-alpha").contains("one"));
    eventually(() -> get("alpha", "alpha", "from-gamma").contains("two"));
    eventually(() -> get("alpha", "gamma", "from-gamma").contains("two"));
  }

  @Test
  @Order(7)
  void aNodeThatIsKilledComesBackByItsUnitWithAllItHad() throws Exception {
    var host = network.host("gamma");
    host.run("kill -9 $(</run/starling.pid)").orFail();
    set("alpha", "meanwhile", "three");
    host.run("systemctl restart starling").orFail();
    eventually(() -> get("gamma", "gamma", "from-gamma").contains("two"));
    eventually(() -> get("gamma", "gamma", "meanwhile").contains("three"));
  }

  private void set(String host, String key, String value) throws Exception {
    starling(host, host, "set " + key + " " + value).orFail();
  }

  private String get(String host, String node, String key) throws Exception {
    return starling(host, node, "get " + key).out();
  }

  private Host.Result starling(String host, String node, String command) throws Exception {
    Files.copy(
        hosts.exchange().resolve("alpha/var/lib/starling/admin.token"),
        hosts.exchange().resolve("token"),
        StandardCopyOption.REPLACE_EXISTING);
    return network
        .host(host)
        .run(
            "timeout 8 starling %s --node %s.example:7411 %s --token-file /exchange/token"
                .formatted(command, node, CA));
  }

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(GuidedHosts.PATIENCE).until(condition);
  }

  private String outputOf(String command) {
    return hosts.setUp().stream()
        .filter(result -> result.script().contains(command))
        .map(Host.Result::out)
        .findFirst()
        .orElseThrow();
  }
}

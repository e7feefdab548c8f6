package io.starling.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/// The chapters of docs/operations.md after a host's upgrade, followed as they stand there; what is
/// seen must be what they say.
///
/// Each begins and ends with a cluster of alpha, beta and gamma.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(GuidedHosts.Provider.class)
final class RunbookTest {

  private static final List<String> CHAPTERS =
      List.of(
          "Backup",
          "Keys from a backup",
          "A store from a backup",
          "A cluster from a backup",
          "Tokens",
          "The log",
          "A damaged store",
          "What became of a store",
          "A node is added",
          "A node leaves",
          "A key in other hands",
          "A machine in the place of another",
          "Spaces",
          "What is kept of the log of a space");

  private static final String STATE = "/var/lib/starling";
  private static final String SAME = "main: the nodes that answered hold the same";
  private static final String STORE_IS_SAME = "_system: the nodes that answered hold the same";

  private final GuidedHosts hosts;

  RunbookTest(GuidedHosts hosts) {
    this.hosts = hosts;
  }

  @Test
  @Order(0)
  void noSectionIsLeftOut() {
    var known = new ArrayList<>(GuidedHosts.SET_UP);
    known.addAll(CHAPTERS);
    assertThat(hosts.guide().sections()).containsExactlyElementsOf(known);
  }

  @Test
  @Order(1)
  void backup() throws Exception {
    var chapter = hosts.chapter("Backup");
    alpha("starling set orders/1 one");
    chapter.next(); // passphrase
    chapter.next(); // leave to write
    assertThat(chapter.next()).contains("/mnt/backups");
    chapter.next(); // told where
    assertThat(chapter.next()).contains("alpha");
    assertThat(chapter.next()).contains("alpha", "main");
    chapter.next(); // prune
    chapter.ends();
    assertThat(status()).contains("backup");
    keysFromABackup();
    aStoreFromABackup();
    aClusterFromABackup();
  }

  private void keysFromABackup() throws Exception {
    var chapter = hosts.chapter("Keys from a backup");
    alpha("starling set orders/1 wrong && starling set other right");
    assertThat(chapter.next()).contains("orders/1");
    assertThat(get("alpha", "orders/1")).isEqualTo("wrong");
    chapter.next();
    chapter.ends();
    eventually("beta", "starling get orders/1", "one");
    assertThat(get("alpha", "other")).isEqualTo("right");
  }

  private void aStoreFromABackup() throws Exception {
    var chapter = hosts.chapter("A store from a backup");
    assertThat(chapter.next()).contains("main");
    chapter.ends();
    allIsWell();
    assertThat(get("gamma", "other")).isEqualTo("right");
    removeOldStores();
  }

  private void aClusterFromABackup() throws Exception {
    var chapter = hosts.chapter("A cluster from a backup");
    chapter.next(); // stopped
    chapter.next(); // restored
    chapter.next(); // started
    chapter.ends();
    allIsWell();
    assertThat(get("gamma", "orders/1")).isEqualTo("one");
    assertThat(get("gamma", "other")).as("came after the backup").startsWith("nothing at");
    assertThat(status()).contains("ALARM STORE_SET_BACK", "ALARM STORE_LOST");
    removeOldStores();
  }

  @Test
  @Order(2)
  void tokens() throws Exception {
    var chapter = hosts.chapter("Tokens");
    var token = chapter.next().strip();
    var asked =
        "curl -sS -o /dev/null -w '%{http_code}' --cacert "
            + STATE
            + "/identity/authority.pem -H 'Authorization: Bearer "
            + token
            + "' https://beta.example:7410/metrics";
    eventually("alpha", asked, "200");
    assertThat(chapter.next()).contains("prometheus", "reader", "admin");
    chapter.next();
    chapter.ends();
    eventually("alpha", asked, "401");
  }

  @Test
  @Order(3)
  void theLog() throws Exception {
    var chapter = hosts.chapter("The log");
    assertThat(chapter.next()).contains("io.starling");
    chapter.ends();
  }

  @Test
  @Order(4)
  void aDamagedStore() throws Exception {
    var chapter = hosts.chapter("A damaged store");
    alpha("starling set before-damage here");
    chapter.next();
    chapter.ends();
    eventually("gamma", "cat /var/log/starling.journal", "the store is made anew");
    allIsWell();
    assertThat(status())
        .contains("STORE_DAMAGED in main", "differs from alpha and beta", "is made anew");
    assertThat(get("gamma", "before-damage")).isEqualTo("here");
    hosts.run("gamma", "rm -r " + STATE + "/store/damaged-1");
  }

  @Test
  @Order(5)
  void whatBecameOfAStore() throws Exception {
    var chapter = hosts.chapter("What became of a store");
    chapter.next(); // copied
    alpha("starling set after-copy here --durability 2 --wait 30");
    aCopyRunsBesideItsOriginal();
    chapter.next(); // put back
    allIsWell();
    assertThat(status())
        .contains("ALARM STORE_SET_BACK")
        .contains("an older copy was put in its place");
    assertThat(get("beta", "after-copy")).isEqualTo("here");
    chapter.next(); // empty
    chapter.ends();
    allIsWell();
    assertThat(status()).contains("ALARM STORE_LOST");
    assertThat(get("gamma", "after-copy")).isEqualTo("here");
    removeOldStores();
  }

  private void aCopyRunsBesideItsOriginal() throws Exception {
    hosts.run(
        "delta",
        """
        cp -a /exchange/beta/var/lib/starling/{identity,store.old,witness} /var/lib/starling/
        mv /var/lib/starling/store.old /var/lib/starling/store
        cp /exchange/beta/etc/starling/node.yaml /etc/starling/
        cat >>/etc/hosts <<'END'
        192.0.2.11 alpha.example alpha
        192.0.2.12 beta.example beta
        192.0.2.13 gamma.example gamma
        END
        systemctl start starling
        """);
    eventually("alpha", "starling status", "ALARM KEY_IN_TWO_PLACES in _system");
    assertThat(status()).contains("two processes run with the key of beta", "beta.example:7412");
    hosts.run("delta", "systemctl stop starling; find " + STATE + " -mindepth 1 -delete");
  }

  @Test
  @Order(6)
  void membersComeAndGo() throws Exception {
    var added = hosts.chapter("A node is added");
    added.next(); // request
    added.next(); // name
    added.next(); // invitation
    added.next(); // start
    assertThat(added.next()).containsPattern("delta +bern +delta.example:7412 +here");
    added.ends();
    eventually("alpha", "starling get greeting --node delta.example:7411", "hello");
    hosts.run(
        "alpha", "starling set by-delta here --node delta.example:7411 --durability 1 --wait 30");

    var leaves = hosts.chapter("A node leaves");
    assertThat(leaves.next()).contains("delta has left the cluster");
    eventually(
        "delta", "cat /var/log/starling.journal", "this node has left the cluster; it stops");
    leaves.next();
    leaves.ends();
    assertThat(alpha("starling member list")).containsPattern("delta .*left on 20");
    assertThat(get("alpha", "by-delta")).isEqualTo("here");
  }

  @Test
  @Order(7)
  void aKeyInOtherHands() throws Exception {
    var chapter = hosts.chapter("A key in other hands");
    hosts.network().link("gamma", false);
    asAdministrator("gamma", "starling set alone here");
    assertThat(chapter.next()).contains("gamma is evicted");
    assertThat(alpha("starling member list")).containsPattern("gamma .*evicted");
    hosts.network().link("gamma", true);
    eventually("alpha", "starling status", "ALARM BEYOND_CUT_OFF in main");
    assertThat(get("alpha", "alone")).startsWith("nothing at");
    assertThat(chapter.next())
        .containsPattern("  main  \\S+: cut off after batch \\d+, 1 held \\(alone\\)");
    assertThat(chapter.next()).contains("batches of gamma stand from now on");
    chapter.ends();
    eventually("beta", "starling get alone", "here");
    var refused = tried("starling set more here --node gamma.example:7411");
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.out()).contains("this node was evicted from its cluster");
    assertThat(status()).contains("ALARM EVICTED");
    aMachineInThePlaceOfAnother();
  }

  private void aMachineInThePlaceOfAnother() throws Exception {
    var chapter = hosts.chapter("A machine in the place of another");
    chapter.next(); // emptied
    chapter.next(); // request
    assertThat(chapter.next()).contains("is evicted; in its place: node gamma");
    chapter.next(); // started
    chapter.ends();
    allIsWell();
    assertThat(alpha("starling member list"))
        .containsPattern("gamma .*evicted")
        .containsPattern("gamma .*here");
    assertThat(get("gamma", "alone")).isEqualTo("here");
  }

  @Test
  @Order(8)
  void spaces() throws Exception {
    var chapter = hosts.chapter("Spaces");
    assertThat(chapter.next())
        .containsPattern("telemetry .*keeps 256 MiB of log, 2d, 1h")
        .containsPattern("vault .*on (alpha, beta|beta, alpha)");
    alpha("starling set kept here --space vault");
    chapter.next(); // moved
    eventually("gamma", "starling get kept --space vault", "here");
    eventually("alpha", "starling space list --node alpha.example:7411", "vault  not here");
    assertThat(tried("starling set more x --space vault --node alpha.example:7411").out())
        .contains("is not kept on this node; ask", "beta.example:7412", "gamma.example:7412");
    assertThat(chapter.next()).contains("dropped 'vault'");
    chapter.ends();
    assertThat(tried("starling get kept --space vault").out()).contains("was dropped at");
  }

  @Test
  @Order(9)
  void whatIsKeptOfTheLog() throws Exception {
    var chapter = hosts.chapter("What is kept of the log of a space");
    hosts.run("gamma", "systemctl stop starling");
    alpha("starling set while-away here");
    assertThat(chapter.next()).contains("gamma has lapsed");
    chapter.ends();
    assertThat(alpha("starling member list")).containsPattern("gamma .*lapsed");
    hosts.run("gamma", "systemctl start starling");
    allIsWell();
    assertThat(get("gamma", "while-away")).isEqualTo("here");
    eventually("alpha", "starling member list | grep -c lapsed || true", "0");
  }

  @Test
  @Order(10)
  void noNodeMetABug() throws Exception {
    for (var name : List.of("alpha", "beta", "gamma", "delta")) {
      assertThat(hosts.run(name, "grep -B3 -A20 '^\\sat ' /var/log/starling.journal || true"))
          .as(name)
          .isEmpty();
    }
  }

  // Every node answers, and all hold the same.
  private void allIsWell() throws Exception {
    await()
        .atMost(GuidedHosts.PATIENCE)
        .until(
            () -> tried("starling status").out(),
            it ->
                it.contains(SAME)
                    && it.contains(STORE_IS_SAME)
                    && it.lines().filter(line -> line.contains(" ready ")).count() == 3
                    && !it.contains("degraded"));
  }

  private void removeOldStores() throws Exception {
    for (var name : GuidedHosts.NAMES) {
      hosts.run(name, "rm -rf " + STATE + "/store.old");
    }
  }

  private String status() throws Exception {
    return alpha("starling status");
  }

  private String get(String node, String key) throws Exception {
    return alpha("starling get " + key + " --node " + node + ".example:7411").strip();
  }

  private String alpha(String script) throws Exception {
    return hosts.run("alpha", script);
  }

  private Host.Result tried(String script) throws Exception {
    return hosts.network().host("alpha").run(script);
  }

  // On another host than alpha, which has the administrator's token.
  private String asAdministrator(String host, String command) throws Exception {
    return hosts.run(
        host,
        command
            + " --node "
            + host
            + ".example:7411 --ca "
            + STATE
            + "/identity/authority.pem --token-file /exchange/alpha"
            + STATE
            + "/admin.token");
  }

  private void eventually(String host, String command, String said) {
    await()
        .atMost(GuidedHosts.PATIENCE)
        .until(
            () ->
                command.startsWith("starling") && !host.equals("alpha")
                    ? tried(command + " --node " + host + ".example:7411").out()
                    : hosts.network().host(host).run(command).out(),
            it -> it.contains(said));
  }
}

package io.starling.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.value.Value;
import io.starling.node.json.JsonText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
  private static final String SYSTEM_SAME = "_system: the nodes that answered hold the same";

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
    set("alpha", "orders/1", "one");
    assertThat(chapter.next()).contains("/mnt/backups"); // mounted
    chapter.next(); // whose it is
    chapter.next(); // passphrase
    chapter.next(); // whose that is
    chapter.next(); // leave to write
    assertThat(chapter.next()).contains("/mnt/backups");
    chapter.next(); // told where
    assertThat(chapter.next()).contains("alpha");
    assertThat(chapter.next()).contains("alpha", "main");
    chapter.next(); // prune
    chapter.ends();
    assertThat(of("alpha", status())).contains("last backup");
    keysFromABackup();
    aStoreFromABackup();
    aClusterFromABackup();
  }

  private void keysFromABackup() throws Exception {
    var chapter = hosts.chapter("Keys from a backup");
    set("alpha", "orders/1", "wrong");
    set("alpha", "other", "right");
    assertThat(chapter.next()).contains("orders/1");
    assertThat(get("alpha", "orders/1")).isEqualTo("wrong");
    chapter.next();
    chapter.ends();
    eventually("beta", "orders/1", "one");
    assertThat(get("alpha", "other")).isEqualTo("right");
  }

  private void aStoreFromABackup() throws Exception {
    var chapter = hosts.chapter("A store from a backup");
    assertThat(chapter.next()).contains("main");
    allIsWell();
    assertThat(get("gamma", "other")).isEqualTo("right");
    chapter.next(); // the old one goes
    chapter.ends();
  }

  private void aClusterFromABackup() throws Exception {
    var chapter = hosts.chapter("A cluster from a backup");
    chapter.next(); // stopped
    chapter.next(); // restored
    chapter.next(); // started
    var seen = allIsWell();
    assertThat(of("alpha", seen)).contains("ALARM STORE_SET_BACK");
    assertThat(of("beta", seen)).contains("ALARM STORE_SET_BACK");
    assertThat(of("gamma", seen)).contains("ALARM STORE_LOST");
    assertThat(get("gamma", "orders/1")).isEqualTo("one");
    assertThat(isMissing("gamma", "other")).as("came after the backup").isTrue();
    chapter.next(); // the old ones go
    chapter.ends();
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
    await().atMost(GuidedHosts.PATIENCE).until(() -> alpha(asked), it -> it.equals("200"));
    assertThat(chapter.next()).contains("prometheus", "reader", "admin");
    chapter.next();
    chapter.ends();
    await().atMost(GuidedHosts.PATIENCE).until(() -> alpha(asked), it -> it.equals("401"));
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
    set("alpha", "before-damage", "here");
    chapter.next();
    chapter.ends();
    eventuallySaid("gamma", "the store is made anew");
    assertThat(of("gamma", allIsWell()))
        .contains("ALARM STORE_DAMAGED in main", "differs from alpha and beta", "is made anew");
    assertThat(get("gamma", "before-damage")).isEqualTo("here");
    hosts.run("gamma", "rm -r " + STATE + "/store/damaged-1");
  }

  @Test
  @Order(5)
  void whatBecameOfAStore() throws Exception {
    var chapter = hosts.chapter("What became of a store");
    chapter.next(); // copied
    set("alpha", "after-copy", "here");
    eventually("beta", "after-copy", "here");
    aCopyRunsBesideItsOriginal();
    chapter.next(); // put back
    assertThat(of("beta", allIsWell()))
        .contains("ALARM STORE_SET_BACK")
        .contains("an older copy was put in its place");
    assertThat(get("beta", "after-copy")).isEqualTo("here");
    chapter.next(); // empty
    assertThat(of("gamma", allIsWell())).contains("ALARM STORE_LOST");
    assertThat(get("gamma", "after-copy")).isEqualTo("here");
    anOldStoreIsLeftAlone();
    chapter.next(); // the old one goes
    chapter.ends();
  }

  // Whoever begins it again has not looked whether that is done.
  private void anOldStoreIsLeftAlone() throws Exception {
    var empty = hosts.guide().of("What became of a store").get(2);
    var again = hosts.network().host("gamma").run(empty.script());
    assertThat(again.exit()).isEqualTo(1);
    hosts.run("gamma", "test ! -e " + STATE + "/store.old/store && test -d " + STATE + "/store");
  }

  private void aCopyRunsBesideItsOriginal() throws Exception {
    // The firewall knows members alone.
    everywhere("nft add element inet starling peers '{ 192.0.2.14 }'");
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
    try {
      assertThat(eventuallyStatus("ALARM KEY_IN_TWO_PLACES in _system"))
          .contains("two processes run with the key of beta", "192.0.2.14");
    } finally {
      hosts.run("delta", "systemctl stop starling; find " + STATE + " -mindepth 1 -delete");
      everywhere("nft -f /etc/starling/firewall.nft");
    }
  }

  @Test
  @Order(6)
  void membersComeAndGo() throws Exception {
    var added = hosts.chapter("A node is added");
    added.next(); // request
    added.next(); // name
    added.next(); // let in
    added.next(); // lets others in
    added.next(); // invitation
    added.next(); // start
    assertThat(added.next()).containsPattern("delta +bern +delta.example:7412 +here");
    added.ends();
    eventually("delta", "greeting", "hello");
    set("delta", "by-delta", "here");

    var leaves = hosts.chapter("A node leaves");
    assertThat(leaves.next()).contains("delta has left the cluster");
    eventuallySaid("delta", "this node has left the cluster; it stops");
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
    set("gamma", "alone", "here");
    assertThat(chapter.next()).contains("gamma is evicted");
    assertThat(alpha("starling member list")).containsPattern("gamma .*evicted");
    hosts.network().link("gamma", true);
    // It tells what it holds itself.
    await()
        .pollInterval(Duration.ofSeconds(1))
        .atMost(GuidedHosts.PATIENCE)
        .until(() -> of("alpha", status()), it -> it.contains("ALARM BEYOND_CUT_OFF in main"));
    assertThat(isMissing("alpha", "alone")).isTrue();
    assertThat(chapter.next())
        .containsPattern("  main  \\S+: cut off after batch \\d+, 1 held \\(alone\\)");
    assertThat(chapter.next()).contains("batches of gamma stand from now on");
    chapter.ends();
    eventually("beta", "alone", "here");
    var refused = tried("starling set more here --node gamma.example:7411");
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.out()).contains("this node was evicted from its cluster");
    assertThat(of("gamma", status())).contains("ALARM EVICTED");
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
    await()
        .atMost(GuidedHosts.PATIENCE)
        .until(() -> alpha("starling space list"), it -> it.contains("vault  not here"));
    assertThat(alpha("starling get kept --space vault")).contains("here");
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
    set("alpha", "while-away", "here");
    assertThat(chapter.next()).contains("gamma has lapsed");
    chapter.ends();
    assertThat(alpha("starling member list")).containsPattern("gamma .*lapsed");
    hosts.run("gamma", "systemctl start starling");
    allIsWell();
    assertThat(get("gamma", "while-away")).isEqualTo("here");
    await()
        .atMost(GuidedHosts.PATIENCE)
        .until(() -> alpha("starling member list"), it -> !it.contains("lapsed"));
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

  // Every node takes writes, and all hold the same. What was seen then.
  private String allIsWell() throws Exception {
    for (var name : GuidedHosts.NAMES) {
      await().atMost(GuidedHosts.PATIENCE).until(() -> code(name, "health").equals("200"));
    }
    return eventuallyStatus(SAME, SYSTEM_SAME);
  }

  private String eventuallyStatus(String... said) {
    return await()
        .pollInterval(Duration.ofSeconds(1))
        .atMost(GuidedHosts.PATIENCE)
        .until(this::status, it -> Stream.of(said).allMatch(it::contains));
  }

  private String status() throws Exception {
    return tried("starling status").out();
  }

  // What a status says below a node's line.
  private static String of(String node, String status) {
    var lines = status.lines().dropWhile(line -> !line.startsWith(node)).toList();
    return lines.stream()
        .skip(1)
        .takeWhile(line -> line.startsWith(" "))
        .collect(Collectors.joining("\n"));
  }

  private void eventuallySaid(String host, String said) {
    await()
        .atMost(GuidedHosts.PATIENCE)
        .until(() -> hosts.run(host, "cat /var/log/starling.journal").contains(said));
  }

  private void eventually(String node, String key, String value) {
    await().atMost(GuidedHosts.PATIENCE).until(() -> get(node, key).equals(value));
  }

  private String get(String node, String key) throws Exception {
    var answer = call(node, "", "v1/spaces/main/keys/" + key);
    return answer.exit() == 0
            && JsonText.parse(answer.out()) instanceof Value.Struct(var fields)
            && fields.get("value") instanceof Value.Text(var text)
        ? text
        : "";
  }

  // Said so by the node: no answer at all is none.
  private boolean isMissing(String node, String key) throws Exception {
    return code(node, "v1/spaces/main/keys/" + key).equals("404");
  }

  private String code(String node, String path) throws Exception {
    return call(node, "-o /dev/null -w '%{http_code}'", path).out();
  }

  private void set(String node, String key, String value) throws Exception {
    var put = "-f -X PUT -H 'Content-Type: application/json' -d '\"%s\"'".formatted(value);
    call(node, put, "v1/spaces/main/keys/" + key).orFail();
  }

  // By the administrator, on the node's own host. A command would be another JVM.
  private Host.Result call(String node, String options, String path) throws Exception {
    return hosts
        .network()
        .host(node)
        .run(
            "curl -sS --max-time 8 --cacert %1$s/identity/authority.pem %2$s -H \"Authorization: Bearer $(</exchange/alpha%1$s/admin.token)\" https://%3$s.example:7410/api/%4$s"
                .formatted(STATE, options, node, path));
  }

  private String alpha(String script) throws Exception {
    return hosts.run("alpha", script);
  }

  private void everywhere(String script) throws Exception {
    for (var name : GuidedHosts.NAMES) {
      hosts.run(name, script);
    }
  }

  private Host.Result tried(String script) throws Exception {
    return hosts.network().host("alpha").run(script);
  }
}

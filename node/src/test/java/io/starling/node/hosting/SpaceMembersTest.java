package io.starling.node.hosting;

import static io.starling.node.hosting.TestNode.acquaint;
import static io.starling.node.hosting.TestNode.answer;
import static io.starling.node.hosting.TestNode.done;
import static io.starling.node.hosting.TestNode.hosts;
import static io.starling.node.hosting.TestNode.read;
import static io.starling.node.hosting.TestNode.set;
import static io.starling.node.hosting.TestNode.text;
import static io.starling.node.hosting.TestNode.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.space.Absence;
import io.starling.node.space.Level;
import io.starling.node.space.ListedSpace;
import io.starling.node.space.ListedSpace.Hosting;
import io.starling.node.space.Space;
import io.starling.node.space.SpaceChange;
import io.starling.node.storage.MemoryStore;
import io.starling.replica.message.Message;
import io.starling.replica.request.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Spaces that some nodes host and others do not.
final class SpaceMembersTest {

  private final MemoryStore store = new MemoryStore();
  private final TestNode one = new TestNode(store);
  private final TestNode two = TestNode.inMemory();
  private final TestNode three = TestNode.inMemory();

  @BeforeEach
  void begin() throws Exception {
    acquaint(one, two, three);
  }

  private void joinAll() {
    one.join(two);
    one.join(three);
    two.join(three);
  }

  @AfterEach
  void stop() throws InterruptedException {
    one.close();
    two.close();
    three.close();
  }

  @Test
  void whoIsNotOnTheListNeitherStoresNorServesIt() throws Exception {
    create(hosts("one", "two"));
    write(space(one), set("a", "1"));
    await().until(() -> isHere(two) && read(space(two), "a").equals(text("1")));
    await().until(() -> listed(three).isPresent());
    assertThat(three.spaces().find("vault")).isEmpty();
    assertThat(listed(three).orElseThrow().hosting()).isEqualTo(Hosting.ELSEWHERE);
    assertThat(three.spaces().absence("vault"))
        .isInstanceOfSatisfying(
            Absence.Elsewhere.class,
            it ->
                assertThat(it.hosts())
                    .extracting(ListedSpace.Host::name)
                    .containsExactlyInAnyOrder("one", "two"));
    assertThat(three.spaces().absence("vault").message("vault"))
        .contains("is not kept on this node; ask ", "one (peers at 127.0.0.1:7)");
  }

  @Test
  void nothingOfItIsSentToWhoIsNotOnTheListWhateverIsAskedFor() throws Exception {
    var sent = ConcurrentHashMap.<String>newKeySet();
    create(hosts("one", "two"));
    var id = space(one).id();
    await().until(() -> isHere(two));
    one.watchSent((peer, message) -> note(sent, id, peer, message));
    write(space(one), set("a", "1"));
    // One that has its key, and more curiosity than is good.
    var inbox = one.spaces().inbox();
    var nothing = new io.starling.replica.message.Token(id, List.of());
    inbox.arrived(three.fingerprint(), List.of(new Message.Pull(id, nothing)));
    inbox.arrived(two.fingerprint(), List.of(new Message.Pull(id, nothing)));
    await().until(() -> sent.stream().anyMatch(it -> it.startsWith("" + two.fingerprint())));
    var barrier = new CountDownLatch(2);
    await().until(() -> ((HostedSpace) space(one)).loop().execute(barrier::countDown));
    await().until(() -> ((HostedSpace) space(one)).loop().execute(barrier::countDown));
    barrier.await(20, TimeUnit.SECONDS);
    assertThat(sent).noneMatch(it -> it.startsWith("" + three.fingerprint()));
  }

  private static void note(
      Set<String> sent,
      io.starling.replica.batch.SpaceId id,
      KeyFingerprint peer,
      Message message) {
    if (message.space().equals(id)) {
      sent.add(peer + " " + message.getClass().getSimpleName());
    }
  }

  @Test
  void onlyHostsAreAskedForAcknowledgementsAndStability() throws Exception {
    create(hosts("one", "two"));
    await().until(() -> isHere(two));
    one.part(three);
    two.part(three);
    var written = (Outcome.Committed) write(space(one), set("a", "1"));
    var all =
        space(one)
            .acknowledge(written.token(), new Level.All(), Duration.ofSeconds(20))
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
    assertThat(all.isReached()).isTrue();
    assertThat(all.missing()).isEmpty();
    await().until(() -> space(one).status().log().holders().isEmpty());
    assertThat(space(one).status().peers()).allMatch(peer -> peer.key().equals(two.fingerprint()));
    assertThat(space(one).objection(new Level.Members(2))).isPresent();
  }

  @Test
  void whoIsTakenOffTheListGoesOnlyWhenAHostHasEverything() throws Exception {
    create(SpaceChange.NONE);
    await().until(() -> isHere(one) && isHere(two) && isHere(three));
    one.part(two);
    one.part(three);
    write(space(one), set("mine", "unseen"));
    change(one, hosts("two", "three"));
    await().until(() -> listed(one).orElseThrow().hosting() == Hosting.LEAVING);
    assertThat(write(space(one), set("b", "2")))
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            it -> {
              assertThat(it.reason()).isEqualTo(Outcome.Reason.FAILED_PRECONDITION);
              assertThat(it.message()).contains("moving away from this node", "two (peers at");
            });
    assertThat(read(space(one), "mine")).isEqualTo(text("unseen"));
    assertThat(one.spaces().entries())
        .anySatisfy(entry -> assertThat(entry.reason()).startsWith("moving away"));
    var id = space(one).id();

    one.join(two);
    await().until(() -> read(space(two), "mine").equals(text("unseen")));
    await().until(() -> one.spaces().find("vault").isEmpty());
    await().until(() -> !store.spaces().contains(id));
    one.join(three);
    await().until(() -> read(space(three), "mine").equals(text("unseen")));
  }

  @Test
  void whoIsTakenOffAndPutOnAgainHasEverythingInTheEnd() throws Exception {
    create(SpaceChange.NONE);
    await().until(() -> isHere(two) && isHere(three));
    write(space(one), set("a", "1"));
    for (int i = 0; i < 3; i++) {
      change(two, hosts("two", "three"));
      if (i > 0) {
        await().until(() -> one.spaces().find("vault").isEmpty());
      }
      change(two, reset());
      await()
          .until(() ->
              one.spaces()
                  .find("vault")
                  .filter(it -> read(it, "a").equals(text("1")))
                  .filter(it -> write(it, set("b", "2")) instanceof Outcome.Committed)
                  .isPresent());
    }
    await().until(() -> read(space(three), "b").equals(text("2")));
  }

  @Test
  void whoIsPutOnTheListTakesOverWhatIsThere() throws Exception {
    create(hosts("one"));
    for (int i = 0; i < 50; i++) {
      write(space(one), set("k/" + i, "v" + i));
    }
    change(one, hosts("one", "three"));
    await().until(() -> isHere(three) && read(space(three), "k/49").equals(text("v49")));
    assertThat(two.spaces().find("vault")).isEmpty();
    write(space(three), set("back", "1"));
    await().until(() -> read(space(one), "back").equals(text("1")));
  }

  @Test
  void twoThatAreTakenOffByTwoOperatorsAtOnceDoNotRelyOnEachOther() throws Exception {
    create(SpaceChange.NONE);
    await().until(() -> isHere(two) && isHere(three));
    // The third has nothing, and the two hear of two different lists.
    one.part(three);
    two.part(three);
    write(space(one), set("a", "1"));
    await().until(() -> read(space(two), "a").equals(text("1")));
    one.part(two);
    change(one, hosts("two", "three"));
    change(two, hosts("one", "three"));
    one.join(two);
    // One of the lists holds. Whoever is on it has it, or who leaves still does.
    await()
        .during(Duration.ofMillis(500))
        .atMost(Duration.ofSeconds(20))
        .until(() -> has(one) || has(two));
    joinAll();
    await().atMost(Duration.ofSeconds(20)).until(() -> has(three));
    await().atMost(Duration.ofSeconds(20)).until(() -> has(one) != has(two));
  }

  @Test
  void mainIsOnEveryNode() {
    var refused = answer(one.spaces().change("someone", "main", hosts("one")));
    assertThat(refused)
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            it -> assertThat(it.reason()).isEqualTo(Outcome.Reason.INVALID_ARGUMENT));
  }

  @Test
  void aListThatNamesNobodyThereIsStillNoReasonToLoseAnything() throws Exception {
    create(SpaceChange.NONE);
    write(space(one), set("a", "1"));
    await().until(() -> isHere(two) && isHere(three) && has(two) && has(three));
    one.part(three);
    two.part(three);
    change(one, hosts("three"));
    await().until(() -> listed(two).orElseThrow().hosting() == Hosting.LEAVING);
    assertThat(has(one)).isTrue();
    assertThat(has(two)).isTrue();
    joinAll();
    await().until(() -> one.spaces().find("vault").isEmpty());
    await().until(() -> two.spaces().find("vault").isEmpty());
    assertThat(has(three)).isTrue();
  }

  private static boolean has(TestNode node) {
    return node.spaces().find("vault").filter(it -> read(it, "a").equals(text("1"))).isPresent();
  }

  private static boolean isHere(TestNode node) {
    return node.spaces().find("vault").isPresent();
  }

  private static Space space(TestNode node) {
    return node.spaces().find("vault").orElseThrow();
  }

  private static Optional<ListedSpace> listed(TestNode node) {
    return node.spaces().listed().stream().filter(it -> it.name().equals("vault")).findFirst();
  }

  private static SpaceChange reset() {
    return new SpaceChange(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        new TreeSet<>(List.of(SpaceChange.MEMBERS)));
  }

  private void create(SpaceChange settings) {
    done(one.spaces().create("someone", "vault", settings));
  }

  private static void change(TestNode node, SpaceChange change) {
    done(node.spaces().change("someone", "vault", change));
  }
}

package io.starling.node.hosting;

import static io.starling.node.hosting.TestNode.read;
import static io.starling.node.hosting.TestNode.set;
import static io.starling.node.hosting.TestNode.text;
import static io.starling.node.hosting.TestNode.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.value.Value;
import io.starling.node.member.Member;
import io.starling.node.space.Space;
import io.starling.node.space.Space.Coverage;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.request.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HostedSpacesTest {

  private final TestNode one = TestNode.inMemory();
  private final TestNode two = TestNode.inMemory();

  @AfterEach
  void stop() throws InterruptedException {
    one.close();
    two.close();
  }

  @Test
  void mainAndSystemExistFromTheStart() {
    assertThat(one.spaces().all()).extracting(Space::name).containsExactly("_system", "main");
  }

  @Test
  void anAcknowledgedWriteIsRead() {
    assertThat(write(one.main(), set("a", "1"))).isInstanceOf(Outcome.Committed.class);
    assertThat(read(one.main(), "a")).isEqualTo(text("1"));
    assertThat(one.activity().latest().getFirst().keys()).containsExactly("a");
  }

  @Test
  void aWriteOnOneNodeIsReadOnTheOther() {
    one.join(two);
    write(one.main(), set("a", "1"));
    write(two.main(), set("b", "2"));
    await()
        .untilAsserted(() -> {
          assertThat(read(two.main(), "a")).isEqualTo(text("1"));
          assertThat(read(one.main(), "b")).isEqualTo(text("2"));
        });
    await()
        .untilAsserted(
            () -> assertThat(one.main().status().digest()).isEqualTo(two.main().status().digest()));
  }

  @Test
  void whatWasWrittenApartIsThereAfterJoining() {
    for (int i = 0; i < 50; i++) {
      write(one.main(), set("one/" + i, "x"));
      write(two.main(), set("two/" + i, "y"));
    }
    one.join(two);
    await()
        .untilAsserted(() -> {
          assertThat(read(two.main(), "one/49")).isEqualTo(text("x"));
          assertThat(read(one.main(), "two/49")).isEqualTo(text("y"));
        });
  }

  @Test
  void aSpaceThatIsCreatedExistsHereAtOnceAndElsewhereSoon() {
    one.join(two);
    assertThat(get(one.spaces().create("someone", "garden"))).isInstanceOf(Outcome.Committed.class);
    var here = one.spaces().find("garden").orElseThrow();
    write(here, set("a", "1"));
    await().until(() -> two.spaces().find("garden").isPresent());
    var there = two.spaces().find("garden").orElseThrow();
    assertThat(there.id()).isEqualTo(here.id());
    await().untilAsserted(() -> assertThat(read(there, "a")).isEqualTo(text("1")));
  }

  @Test
  void creatingASpaceThatExistsChangesNothing() {
    get(one.spaces().create("someone", "garden"));
    var token = one.spaces().system().status().token();
    assertThat(get(one.spaces().create("someone", "garden")))
        .isInstanceOfSatisfying(
            Outcome.Committed.class, again -> assertThat(again.operations()).isZero());
    assertThat(one.spaces().system().status().token()).isEqualTo(token);
  }

  @Test
  void aSpaceNeedsAProperName() {
    for (var name : List.of("", "_mine", "With Capitals", "a/b", "x".repeat(65))) {
      assertThat(get(one.spaces().create("someone", name)))
          .isInstanceOfSatisfying(
              Outcome.Refused.class,
              refused -> assertThat(refused.reason()).isEqualTo(Outcome.Reason.INVALID_ARGUMENT));
    }
  }

  @Test
  void aTokenIsCoveredWhereItWasWrittenAndWaitedForElsewhere() {
    var first = token(write(one.main(), set("a", "1")));
    var second = token(write(one.main(), set("a", "2")));
    assertThat(get(one.main().covers(first, Duration.ZERO))).isEqualTo(Coverage.COVERED);
    assertThat(get(two.main().covers(second, Duration.ZERO))).isEqualTo(Coverage.NOT_YET);
    assertThat(get(two.main().covers(second, Duration.ofMillis(50)))).isEqualTo(Coverage.NOT_YET);
    var waiting = two.main().covers(second, Duration.ofSeconds(20));
    one.join(two);
    assertThat(get(waiting)).isEqualTo(Coverage.COVERED);
    assertThat(read(two.main(), "a")).isEqualTo(text("2"));
  }

  @Test
  void aTokenOfAnotherSpaceOrBranchIsForeign() {
    var written = token(write(one.main(), set("a", "1")));
    var head = written.heads().getFirst();
    var forged = new Token.Prefix(head.replica(), head.seq(), head.hash() + 1);
    assertThat(get(one.main().covers(new Token(written.space(), List.of(forged)), Duration.ZERO)))
        .isEqualTo(Coverage.FOREIGN);
    assertThat(get(one.main().covers(new Token(new SpaceId(7, 7), written.heads()), Duration.ZERO)))
        .isEqualTo(Coverage.FOREIGN);
  }

  @Test
  void aMemberDescribesItselfOnceAndIsListedEverywhere() {
    one.join(two);
    var self = new Member(one.fingerprint(), "n1", "AAAA", "home", List.of("127.0.0.1:7402"));
    var bootstrap = List.of(set("tokens/x", "first"));
    get(one.spaces().describe(self, bootstrap));
    await().untilAsserted(() -> assertThat(two.spaces().members().all()).containsExactly(self));
    assertThat(read(one.spaces().system(), "tokens/x")).isEqualTo(text("first"));
    var again = get(one.spaces().describe(self, List.of(set("tokens/x", "second"))));
    assertThat(((Outcome.Committed) again).operations()).isZero();
    var moved = new Member(one.fingerprint(), "n1", "AAAA", "away", List.of("127.0.0.1:7402"));
    get(one.spaces().describe(moved, List.of(set("tokens/x", "second"))));
    await().untilAsserted(() -> assertThat(two.spaces().members().all()).containsExactly(moved));
    assertThat(read(one.spaces().system(), "tokens/x")).isEqualTo(text("first"));
  }

  @Test
  void nonsenseUnderMembersAndSpacesNamesNothing() {
    write(one.spaces().system(), set("members/nobody", "x"));
    write(one.spaces().system(), set("spaces/Not A Name", "x"));
    write(one.spaces().system(), set("spaces/real", "x"));
    await().until(() -> one.spaces().find("real").isPresent());
    assertThat(one.spaces().all()).hasSize(3);
    assertThat(one.spaces().members().all()).isEmpty();
    assertThat(read(one.main(), "x")).isEqualTo(new Value.Null());
  }

  private static Token token(Outcome outcome) {
    return ((Outcome.Committed) outcome).token();
  }

  private static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception failed) {
      throw new AssertionError("no answer", failed);
    }
  }
}

package io.starling.node.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.hosting.TestNode;
import io.starling.node.space.Space;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TokenAccessTest {

  private final TestNode node = TestNode.inMemory();
  private final Space system = node.spaces().system();
  private final TokenAccess access = new TokenAccess(system);

  @BeforeEach
  void follow() {
    node.spaces().whenSystemChanges(TokenRecord.PREFIX, access::forget);
  }

  @AfterEach
  void stop() throws InterruptedException {
    node.close();
  }

  @Test
  void aTokenLetsItsBearerInWithItsRole() {
    for (var role : Role.values()) {
      var token = issue(role);
      var expected = new Principal("token:" + token.id(), role);
      assertThat(access.authenticate(token.text())).contains(expected);
      assertThat(access.authenticate(token.text())).contains(expected);
    }
  }

  @Test
  void nobodyElseIsLetIn() {
    var token = issue(Role.ADMIN);
    var other = BearerToken.generate();
    assertThat(access.authenticate(other.text())).isEmpty();
    assertThat(access.authenticate(new BearerToken(token.id(), other.secret()).text())).isEmpty();
    assertThat(access.authenticate(new BearerToken(other.id(), token.secret()).text())).isEmpty();
    assertThat(access.authenticate("")).isEmpty();
    assertThat(access.authenticate("st_")).isEmpty();
    assertThat(access.authenticate(token.text() + "x")).isEmpty();
    assertThat(access.authenticate("Bearer " + token.text())).isEmpty();
  }

  @Test
  void aTokenThatWasTakenAwayLetsNobodyInAtOnce() {
    var token = issue(Role.WRITER);
    assertThat(access.authenticate(token.text())).isPresent();
    TestNode.write(system, new Mutation.Remove(TokenRecord.path(token.id())));
    assertThat(access.authenticate(token.text())).isEmpty();
  }

  @Test
  void aTokenIsGoodOnEveryNodeAndIsRevokedOnEveryNode() throws InterruptedException {
    var other = TestNode.inMemory();
    try {
      var elsewhere = new TokenAccess(other.spaces().system());
      other.spaces().whenSystemChanges(TokenRecord.PREFIX, elsewhere::forget);
      node.join(other);
      var token = issue(Role.READER);
      await().until(() -> elsewhere.authenticate(token.text()).isPresent());
      TestNode.write(system, new Mutation.Remove(TokenRecord.path(token.id())));
      await().until(() -> elsewhere.authenticate(token.text()).isEmpty());
    } finally {
      other.close();
    }
  }

  @Test
  void aRoleThatWasChangedHoldsAtOnce() {
    var token = issue(Role.ADMIN);
    assertThat(access.authenticate(token.text()).orElseThrow().mayAdminister()).isTrue();
    var role = TokenRecord.path(token.id()).field("role");
    TestNode.write(system, new Mutation.Set(role, new Value.Text("reader"), ReadRule.LATEST));
    assertThat(access.authenticate(token.text()).orElseThrow().mayAdminister()).isFalse();
  }

  @Test
  void aBrokenRecordLetsNobodyIn() {
    var token = issue(Role.ADMIN);
    var role = TokenRecord.path(token.id()).field("role");
    TestNode.write(system, new Mutation.Set(role, new Value.Text("emperor"), ReadRule.LATEST));
    assertThat(access.authenticate(token.text())).isEmpty();
    TestNode.write(system, new Mutation.Remove(TokenRecord.path(token.id())));
    var plain =
        new Mutation.Set(Path.of("tokens/" + token.id()), new Value.Int(1), ReadRule.LATEST);
    TestNode.write(system, plain);
    assertThat(access.authenticate(token.text())).isEmpty();
  }

  @Test
  void theRecordDoesNotHoldTheSecret() {
    var token = issue(Role.ADMIN);
    var stored = TestNode.read(system, "tokens/" + token.id()).toString();
    assertThat(stored).doesNotContain(token.secret());
    assertThat(token.toString()).doesNotContain(token.secret());
  }

  @Test
  void readersDoNotWriteAndOnlyAdministratorsSeeSystem() {
    var reader = new Principal("r", Role.READER);
    var writer = new Principal("w", Role.WRITER);
    var admin = new Principal("a", Role.ADMIN);
    assertThat(reader.mayRead("main")).isTrue();
    assertThat(reader.mayWrite("main")).isFalse();
    assertThat(writer.mayWrite("main")).isTrue();
    assertThat(writer.mayRead("_system")).isFalse();
    assertThat(writer.mayWrite("_system")).isFalse();
    assertThat(writer.mayAdminister()).isFalse();
    assertThat(admin.mayWrite("_system")).isTrue();
    assertThat(admin.mayAdminister()).isTrue();
  }

  /// A thousand are remembered; of one more the first is forgotten, and looked up again.
  @Test
  void ofTooManyTokensTheOldestIsLookedUpAgain() {
    var reads = new AtomicInteger();
    var counting = new TokenAccess(counted(reads));
    var tokens = new ArrayList<BearerToken>();
    var records = new ArrayList<Mutation>();
    for (int i = 0; i <= 1_024; i++) {
      var token = BearerToken.generate();
      tokens.add(token);
      records.add(TokenRecord.of(token, Role.READER, Instant.EPOCH).write(token.id()));
    }
    assertThat(system.submit("someone", Optional.empty(), records).toCompletableFuture().join())
        .isInstanceOf(Outcome.Committed.class);
    for (var token : tokens.subList(0, 1_024)) {
      assertThat(counting.authenticate(token.text())).isPresent();
    }
    assertThat(reads).hasValue(1_024);
    assertThat(counting.authenticate(tokens.getFirst().text())).isPresent();
    assertThat(reads).as("those remembered are not looked up").hasValue(1_024);
    assertThat(counting.authenticate(tokens.getLast().text())).isPresent();
    assertThat(counting.authenticate(tokens.get(1).text())).isPresent();
    assertThat(reads).hasValue(1_025);
    assertThat(counting.authenticate(tokens.getFirst().text())).isPresent();
    assertThat(reads).as("the oldest is forgotten").hasValue(1_026);
  }

  private Space counted(AtomicInteger reads) {
    InvocationHandler handler =
        (_, method, arguments) -> {
          if (method.getName().equals("read")) {
            reads.incrementAndGet();
          }
          return method.invoke(system, arguments);
        };
    return (Space)
        Proxy.newProxyInstance(Space.class.getClassLoader(), new Class<?>[] {Space.class}, handler);
  }

  private BearerToken issue(Role role) {
    var token = BearerToken.generate();
    var record = TokenRecord.of(token, role, Instant.EPOCH);
    assertThat(TestNode.write(system, record.write(token.id())))
        .isInstanceOf(Outcome.Committed.class);
    return token;
  }
}

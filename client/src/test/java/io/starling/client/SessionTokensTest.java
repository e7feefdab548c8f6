package io.starling.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.InsecureChannelCredentials;
import io.starling.client.link.Address;
import io.starling.client.link.Node;
import io.starling.client.link.Nodes;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SessionTokensTest {

  private final Nodes nodes =
      new Nodes(
          List.of(new Address("localhost", 1), new Address("localhost", 2)),
          InsecureChannelCredentials.create(),
          () -> "");
  private final Node one = nodes.all().get(0);
  private final Node two = nodes.all().get(1);
  private final SessionTokens tokens = new SessionTokens();

  @AfterEach
  void close() {
    nodes.close();
  }

  private static ReadToken token(String name) {
    return new ReadToken(ByteString.copyFromUtf8(name));
  }

  @Test
  void writesOnOneNodeLeaveOneToken() {
    tokens.wrote(tokens.begin(one), token("a"));
    tokens.wrote(tokens.begin(one), token("b"));
    assertThat(tokens.all()).containsExactly(token("b"));
  }

  @Test
  void writeSaysNothingOfOtherNodes() {
    tokens.wrote(tokens.begin(one), token("a"));
    tokens.wrote(tokens.begin(two), token("b"));
    assertThat(tokens.all()).containsExactly(token("a"), token("b"));
    assertThat(tokens.begin(two).awaited()).containsExactly(token("a"));
    assertThat(tokens.begin(one).awaited()).containsExactly(token("b"));
  }

  @Test
  void readCoversAllThatWasHeldWhenItBegan() {
    tokens.wrote(tokens.begin(one), token("a"));
    tokens.wrote(tokens.begin(two), token("b"));
    var reading = tokens.begin(two);
    tokens.wrote(tokens.begin(one), token("c"));
    tokens.read(reading, token("d"));
    assertThat(tokens.all()).containsExactly(token("c"), token("d"));
  }

  @Test
  void answersThatCrossAreBothKept() {
    var first = tokens.begin(one);
    var second = tokens.begin(one);
    tokens.wrote(second, token("later"));
    tokens.wrote(first, token("earlier"));
    assertThat(tokens.all()).containsExactly(token("later"), token("earlier"));
    assertThat(tokens.begin(one).awaited()).hasSize(1);
    assertThat(tokens.begin(two).awaited()).hasSize(2);
  }

  @Test
  void watchHoldsItsLastCutOnly() {
    tokens.watched(Optional.empty(), token("a"), one);
    tokens.watched(Optional.of(token("a")), token("b"), two);
    assertThat(tokens.all()).containsExactly(token("b"));
  }

  @Test
  void joinedTokensAreBoundedUntilARead() {
    for (int i = 0; i < SessionTokens.JOINED_MAX; i++) {
      tokens.join(token("" + i));
    }
    assertThatThrownBy(() -> tokens.join(token("more"))).hasMessageContaining("read");
    var reading = tokens.begin(one);
    assertThat(reading.awaited()).hasSize(SessionTokens.JOINED_MAX);
    tokens.read(reading, token("all"));
    tokens.join(token("more"));
    assertThat(tokens.all()).containsExactly(token("all"), token("more"));
  }

  @Test
  void tokenGoesOverAsText() {
    assertThat(ReadToken.parse(token("a?>").text())).isEqualTo(token("a?>"));
  }
}

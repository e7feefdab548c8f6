package io.starling.client.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.InsecureChannelCredentials;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RouteTest {

  private static final boolean UNDONE = true;
  private static final boolean IN_DOUBT = false;

  private final Nodes nodes =
      new Nodes(
          List.of(Address.parse("a:1"), Address.parse("b:2"), Address.parse("[::1]:3")),
          InsecureChannelCredentials.create(),
          () -> "");

  @AfterEach
  void close() {
    nodes.close();
  }

  private List<String> course(boolean mayRepeat, boolean... failures) {
    var route = new Route(nodes.all(), mayRepeat);
    var course = new ArrayList<String>();
    course.add(route.node().toString());
    for (var isUndone : failures) {
      route.failed(isUndone);
      course.add(route.node().toString());
    }
    return course;
  }

  @Test
  void whatIsUndoneGoesRound() {
    for (var mayRepeat : List.of(true, false)) {
      assertThat(course(mayRepeat, UNDONE, UNDONE, UNDONE))
          .containsExactly("a:1", "b:2", "[::1]:3", "a:1");
    }
  }

  @Test
  void whatMustNotBeDoneTwiceStaysWhereItMayBeDone() {
    assertThat(course(false, UNDONE, IN_DOUBT, IN_DOUBT, UNDONE, UNDONE))
        .containsExactly("a:1", "b:2", "b:2", "b:2", "b:2", "b:2");
  }

  @Test
  void whatMayBeDoneTwiceIsAskedOnceMoreOfEachNode() {
    assertThat(course(true, IN_DOUBT, IN_DOUBT, IN_DOUBT, UNDONE))
        .containsExactly("a:1", "a:1", "b:2", "b:2", "[::1]:3");
  }

  @Test
  void allGoOnWithTheNodeThatAnswered() {
    nodes.prefer(nodes.all().get(1));
    assertThat(nodes.fromCurrent().stream().map(Node::toString))
        .containsExactly("b:2", "[::1]:3", "a:1");
  }

  @Test
  void firstRoundDoesNotWaitAndLaterOnesDoNotWaitLong() {
    assertThat(Backoff.before(0)).isZero();
    for (int round = 1; round < 100; round++) {
      assertThat(Backoff.before(round).toMillis()).isBetween(12L, 1_000L);
    }
  }
}

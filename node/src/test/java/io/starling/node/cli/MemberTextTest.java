package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.starling.crdt.value.Value;
import io.starling.node.cli.MemberText.State;
import io.starling.node.cli.outcome.CommandFailure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Which member a name means.
final class MemberTextTest {

  private static final MemberText EVICTED = member("1", "gamma", State.EVICTED);
  private static final MemberText LEFT = member("2", "gamma", State.LEFT);
  private static final MemberText AWAY = member("3", "gamma", State.AWAY);
  private static final MemberText OTHER = member("4", "gamma", State.HERE);

  @Test
  void aNameIsThatOfWhoTookThePlaceOfAnother() throws CommandFailure {
    assertThat(MemberText.find(List.of(EVICTED, LEFT, AWAY), "gamma")).isEqualTo(AWAY);
    assertThat(MemberText.find(List.of(EVICTED, LEFT, AWAY), "1")).isEqualTo(EVICTED);
    assertThat(MemberText.find(List.of(EVICTED), "gamma")).isEqualTo(EVICTED);
  }

  @Test
  void whatIsAdoptedIsOfWhoWasEvicted() throws CommandFailure {
    assertThat(MemberText.findEvicted(List.of(EVICTED, LEFT, AWAY), "gamma")).isEqualTo(EVICTED);
  }

  @Test
  void aNameOfSeveralThatAreEquallyLikelyIsRefused() {
    for (var members : List.of(List.of(AWAY, OTHER), List.of(EVICTED, LEFT))) {
      assertThatExceptionOfType(CommandFailure.class)
          .isThrownBy(() -> MemberText.find(members, "gamma"))
          .withMessageContaining("name one by its id");
    }
  }

  private static MemberText member(String id, String name, State state) {
    return new MemberText(
        id, new TreeMap<>(Map.of("name", new Value.Text(name))), state, Optional.empty());
  }
}

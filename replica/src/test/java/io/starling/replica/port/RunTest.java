package io.starling.replica.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunTest {

  private final Run run = new Run(Table.FRESH_CELLS);

  /// Some are larger than what entries are kept in together, and some end just with it.
  @Test
  void entriesAreGivenAsTheyWerePut() {
    var lengths = List.of(0, 1, 65_536, 10, 65_516, 30, 200_000, 65_520, 0, 0, 65_524, 1);
    var put = new ArrayList<byte[]>();
    for (int i = 0; i < 500; i++) {
      byte[] value = new byte[i < lengths.size() ? lengths.get(i) : i % 7];
      Arrays.fill(value, (byte) i);
      put.add(value);
      assertThat(run.isNext(key(i))).isTrue();
      run.append(key(i), value);
    }
    assertThat(run).hasSize(500);
    var walk = run.cursor();
    for (int i = 0; i < 500; i++) {
      var write = run.get(i);
      assertThat(write.table()).isEqualTo(Table.FRESH_CELLS);
      assertThat(write.key()).isEqualTo(key(i));
      assertThat(write.value()).hasValue(put.get(i));
      assertThat(walk.next()).isTrue();
      assertThat(Arrays.copyOfRange(walk.bytes(), walk.key(), walk.value())).isEqualTo(key(i));
      assertThat(Arrays.copyOfRange(walk.bytes(), walk.value(), walk.end())).isEqualTo(put.get(i));
    }
    assertThat(walk.next()).isFalse();
    assertThatThrownBy(() -> run.get(500)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void onlyWhatIsBeyondTheLastFollows() {
    run.append(key(5), new byte[1]);
    for (int earlier : List.of(5, 4)) {
      assertThat(run.isNext(key(earlier))).isFalse();
      assertThatThrownBy(() -> run.append(key(earlier), new byte[1]))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(run).hasSize(1);
  }

  @Test
  void joinedWithOthersItIsOneListAndStaysARun() {
    var before = new Changes.Write(Table.META, key(9), Optional.empty());
    run.append(key(1), new byte[] {1});
    run.append(key(2), new byte[] {2});
    var changes = Changes.joined(Changes.Fresh.KEPT, List.of(List.of(before), run));
    assertThat(changes.writes()).hasSize(3).first().isEqualTo(before);
    assertThat(changes.writes().get(2).key()).isEqualTo(key(2));
    assertThat(changes.parts().get(1)).isSameAs(run);
    assertThatThrownBy(() -> changes.writes().get(3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }
}

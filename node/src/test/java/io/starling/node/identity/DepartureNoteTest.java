package io.starling.node.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The note beside the key of a node that leaves.
final class DepartureNoteTest {

  private static final Instant AT = Instant.parse("2026-11-22T17:00:00.5Z");

  @TempDir private Path directory;

  private static Token token() {
    var replica = new ReplicaId(new KeyFingerprint(1, 2), 3);
    return new Token(new SpaceId(4, 5), List.of(new Token.Prefix(replica, 6, 7)));
  }

  @Test
  void isReadAsItWasWritten() throws Exception {
    assertThat(DepartureNote.read(directory)).isEmpty();
    for (var note :
        List.of(
            DepartureNote.leaving(AT, token()),
            DepartureNote.leaving(AT, token()).ofNoStore(),
            DepartureNote.left(AT))) {
      note.write(directory);
      assertThat(DepartureNote.read(directory)).contains(note);
    }
    assertThat(DepartureNote.isOver(directory)).isTrue();
    DepartureNote.remove(directory);
    assertThat(DepartureNote.read(directory)).isEmpty();
    DepartureNote.remove(directory);
  }

  @Test
  void thatOfAnEarlierVersionTellsNothingOfAStore() throws Exception {
    Files.writeString(IdentityFiles.departure(directory), "leaving " + AT + "\n");
    assertThat(DepartureNote.read(directory))
        .contains(new DepartureNote(false, AT, Optional.empty()));
  }

  @Test
  void isRefusedWhenItIsDamaged() throws Exception {
    var texts =
        List.of(
            "", "leaving", "leaving then", "left " + AT + " x", "leaving " + AT + " !", "a b c");
    for (var text : texts) {
      Files.writeString(IdentityFiles.departure(directory), text);
      assertThatThrownBy(() -> DepartureNote.read(directory))
          .isInstanceOf(IdentityException.class)
          .hasMessageContaining("is damaged");
    }
  }
}

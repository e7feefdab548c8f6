package io.starling.node.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import io.starling.replica.request.Submission;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// What waits for a loop, at its limits.
final class IntakeTest {

  private static final KeyFingerprint PEER = new KeyFingerprint(1, 1);
  private static final SpaceId SPACE = new SpaceId(1, 1);

  private final Intake intake = new Intake(QueueLimits.DEFAULT);

  private static Intake.Waiting waiting(long bytes) {
    var request =
        new Request("someone", Optional.empty(), Optional.empty(), Optional.empty(), List.of());
    return new Intake.Waiting(new Submission(1, request), new CompletableFuture<Outcome>(), bytes);
  }

  private static Intake.Arrival arrival(long bytes) {
    var pull = new Message.Pull(SPACE, new Token(SPACE, List.of()));
    return new Intake.Arrival(PEER, pull, bytes);
  }

  @Test
  void aTransactionTooManyIsRefused() {
    for (int i = 0; i < QueueLimits.DEFAULT.submissions(); i++) {
      assertThat(intake.submit(waiting(1))).isEqualTo(Intake.Offer.TAKEN);
    }
    assertThat(intake.submit(waiting(1))).isEqualTo(Intake.Offer.FULL);
  }

  @Test
  void transactionsAreRefusedBeyondTheirBytesButOneAloneIsTaken() {
    long most = QueueLimits.DEFAULT.submissionBytes();
    assertThat(intake.submit(waiting(2 * most))).isEqualTo(Intake.Offer.TAKEN);
    assertThat(intake.submit(waiting(1))).isEqualTo(Intake.Offer.FULL);
  }

  @Test
  void aMessageTooManyIsDropped() {
    for (int i = 0; i < QueueLimits.DEFAULT.arrivals(); i++) {
      assertThat(intake.arrive(arrival(1))).isTrue();
    }
    assertThat(intake.arrive(arrival(1))).isFalse();
  }

  @Test
  void messagesAreDroppedBeyondTheirBytesButOneAloneIsTaken() {
    assertThat(intake.arrive(arrival(QueueLimits.DEFAULT.arrivalBytes()))).isTrue();
    assertThat(intake.arrive(arrival(1))).isFalse();
  }

  @Test
  void aTurnTakesNoMoreBytesThanItMay() throws InterruptedException {
    long half = QueueLimits.DEFAULT.turnBytes() / 2;
    for (int i = 0; i < 3; i++) {
      intake.submit(waiting(half));
      intake.arrive(arrival(half));
    }
    var turn = intake.take(0);
    assertThat(turn.submissions()).hasSize(2);
    assertThat(turn.arrivals()).hasSize(2);
    assertThat(intake.queued().submissionBytes()).isEqualTo(half);
    assertThat(intake.take(0).submissions()).hasSize(1);
  }

  @Test
  void aTaskTooManyIsNotTaken() throws InterruptedException {
    for (int i = 0; i < Intake.TASKS_MAX; i++) {
      assertThat(intake.run(() -> {})).isTrue();
    }
    assertThat(intake.run(() -> {})).isFalse();
    assertThat(intake.queued().tasks()).isEqualTo(Intake.TASKS_MAX);
    assertThat(intake.take(0).tasks()).hasSize(Intake.TASKS_MAX);
    assertThat(intake.run(() -> {})).isTrue();
  }
}

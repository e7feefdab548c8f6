package io.starling.node.backup.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.node.backup.repository.RepositoryException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class LaneTest {

  private final CountDownLatch go = new CountDownLatch(1);
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();

  private void work() throws IOException {
    most.accumulateAndGet(running.incrementAndGet(), Math::max);
    try {
      go.await();
    } catch (InterruptedException stopped) {
      throw new RepositoryException("interrupted", stopped);
    }
    running.decrementAndGet();
    ended.incrementAndGet();
  }

  private Thread begin(Lane lane, int count, long size) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            for (int i = 0; i < count; i++) {
              lane.begin(size, this::work);
            }
          } catch (IOException failed) {
            throw new AssertionError(failed);
          }
        });
  }

  @Test
  void oneTooManyWaits() throws Exception {
    try (var lane = new Lane(S3Blobs.REQUESTS_MAX, S3Blobs.REQUEST_BYTES_MAX)) {
      var adding = begin(lane, 3 * S3Blobs.REQUESTS_MAX, 1);
      Awaitility.await()
          .until(() ->
              running.get() == S3Blobs.REQUESTS_MAX && adding.getState() == Thread.State.WAITING);
      go.countDown();
      adding.join();
      lane.settle();
      assertThat(ended).hasValue(3 * S3Blobs.REQUESTS_MAX);
      assertThat(most.get()).isLessThanOrEqualTo(S3Blobs.REQUESTS_MAX);
    }
  }

  @Test
  void bytesAreBoundedAndALargeOneGoesByItself() throws Exception {
    try (var lane = new Lane(S3Blobs.REQUESTS_MAX, S3Blobs.REQUEST_BYTES_MAX)) {
      var adding = begin(lane, 4, S3Blobs.REQUEST_BYTES_MAX / 2);
      Awaitility.await()
          .until(() -> running.get() == 2 && adding.getState() == Thread.State.WAITING);
      go.countDown();
      adding.join();
      lane.settle();
      assertThat(most).hasValue(2);
      begin(lane, 2, 3L * S3Blobs.REQUEST_BYTES_MAX).join();
      lane.settle();
      assertThat(ended).hasValue(6);
    }
  }

  @Test
  void afterAFailureNothingMoreIsBegun() throws Exception {
    try (var lane = new Lane(2, 10)) {
      lane.begin(
          1,
          () -> {
            throw new IOException("the disk there is full");
          });
      assertThatThrownBy(lane::settle).hasMessage("the disk there is full");
      assertThatThrownBy(() -> lane.begin(1, this::work)).hasMessage("the disk there is full");
      assertThatThrownBy(lane::settle).hasMessage("the disk there is full");
      assertThat(running).hasValue(0);
    }
  }

  @Test
  void whatRunsIsBrokenOffWhenItIsClosed() throws Exception {
    var lane = new Lane(2, 10);
    begin(lane, 2, 1).join();
    Awaitility.await().until(() -> running.get() == 2);
    lane.close();
    assertThat(ended).hasValue(0);
    assertThatThrownBy(lane::settle).hasMessage("interrupted");
    assertThatThrownBy(() -> lane.begin(1, this::work)).isInstanceOf(RepositoryException.class);
  }
}

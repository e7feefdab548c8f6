package io.starling.replica.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.encoding.Encoder;
import io.starling.replica.Damage;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class BatchEncodingProperties {

  @Property(tries = 1_000)
  void decodingGivesWhatWasEncoded(@ForAll("batches") Batch batch) {
    assertThat(BatchEncoding.decode(BatchEncoding.encode(batch)))
        .isEqualTo(new BatchEncoding.Decoded.Read(batch));
  }

  @Property(tries = 150)
  void noBeginningOfABatchIsABatch(@ForAll("batches") Batch batch) {
    byte[] body = BatchEncoding.encode(batch);
    for (int length = 0; length < body.length; length++) {
      assertThat(BatchEncoding.decode(Arrays.copyOf(body, length)))
          .isInstanceOf(BatchEncoding.Decoded.Malformed.class);
    }
  }

  @Property(tries = 1_000)
  void whatIsDamagedIsRefusedOrIsAnotherBatch(@ForAll("batches") Batch batch, @ForAll long seed) {
    var random = new Random(seed);
    byte[] damaged = BatchEncoding.encode(batch);
    for (int i = 0; i < 20; i++) {
      damaged = Damage.of(damaged, random);
      switch (BatchEncoding.decode(damaged)) {
        case BatchEncoding.Decoded.Read(var other) ->
            assertThat(BatchEncoding.encode(other)).isEqualTo(damaged);
        case BatchEncoding.Decoded.Newer(int format) ->
            assertThat(format).isGreaterThan(BatchEncoding.FORMAT);
        case BatchEncoding.Decoded.Malformed(var reason) -> assertThat(reason).isNotEmpty();
      }
    }
  }

  @Test
  void aNewerFormatIsToldFromABrokenOne() {
    assertThat(BatchEncoding.decode(new byte[] {3})).isEqualTo(new BatchEncoding.Decoded.Newer(3));
    assertThat(BatchEncoding.decode(new Encoder().varint(Long.MAX_VALUE).toBytes()))
        .isEqualTo(new BatchEncoding.Decoded.Newer(Integer.MAX_VALUE));
    assertThat(BatchEncoding.decode(new byte[] {0}))
        .isEqualTo(new BatchEncoding.Decoded.Malformed("format 0"));
    assertThat(BatchEncoding.decode(new Encoder().varint(-1).toBytes()))
        .isInstanceOf(BatchEncoding.Decoded.Newer.class);
  }

  @Test
  void aBodyOverTheLimitIsNotLookedAt() {
    assertThat(BatchEncoding.decode(new byte[BatchEncoding.BYTES_MAX + 1]))
        .isEqualTo(new BatchEncoding.Decoded.Malformed("917505 bytes, at most 917504 are allowed"));
  }

  @Test
  void hugeCountsAllocateNothing() {
    byte[] head = new byte[1 + 16 + 24];
    head[0] = 1;
    var body = new Encoder().raw(head).varint(1).raw(new byte[32]).varint(4_096).toBytes();
    assertThat(BatchEncoding.decode(body)).isInstanceOf(BatchEncoding.Decoded.Malformed.class);
  }

  @Provide
  Arbitrary<Batch> batches() {
    return Batches.any();
  }
}

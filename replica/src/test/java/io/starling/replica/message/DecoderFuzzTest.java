package io.starling.replica.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.op.OperationEncoding;
import io.starling.replica.batch.BatchEncoding;

/// Any bytes at all: refused, or read and written back as they were. Without `JAZZER_FUZZ` in the
/// environment the inputs beside the resources are tried, with it new ones are made up.
class DecoderFuzzTest {

  @FuzzTest(maxDuration = "60s")
  void batch(byte[] bytes) {
    switch (BatchEncoding.decode(bytes)) {
      case BatchEncoding.Decoded.Read(var batch) ->
          assertThat(BatchEncoding.encode(batch)).isEqualTo(bytes);
      case BatchEncoding.Decoded.Newer(int format) -> assertThat(format).isGreaterThan(1);
      case BatchEncoding.Decoded.Malformed(var reason) -> assertThat(reason).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "60s")
  void acknowledgement(byte[] bytes) {
    try {
      assertThat(Acknowledgement.fromBytes(bytes).toBytes()).isEqualTo(bytes);
    } catch (MalformedException refused) {
      assertThat(refused.getMessage()).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "60s")
  void beacon(byte[] bytes) {
    try {
      assertThat(Beacon.fromBytes(bytes).toBytes()).isEqualTo(bytes);
    } catch (MalformedException refused) {
      assertThat(refused.getMessage()).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "60s")
  void token(byte[] bytes) {
    try {
      assertThat(Token.fromBytes(bytes).toBytes()).isEqualTo(bytes);
    } catch (MalformedException refused) {
      assertThat(refused.getMessage()).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "60s")
  void operations(FuzzedDataProvider data) {
    int count = data.consumeInt(1, 20);
    byte[] bytes = data.consumeRemainingAsBytes();
    try {
      var in = new Decoder(bytes);
      var operations = OperationEncoding.read(in, count);
      in.finish();
      var out = new Encoder();
      OperationEncoding.write(out, operations);
      assertThat(out.toBytes()).isEqualTo(bytes);
    } catch (MalformedException refused) {
      assertThat(refused.getMessage()).isNotEmpty();
    }
  }
}

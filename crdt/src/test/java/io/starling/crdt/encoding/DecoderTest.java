package io.starling.crdt.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.op.OperationEncoding;
import io.starling.crdt.value.ValueEncoding;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class DecoderTest {

  private static final long ALLOCATED_MAX = 64 * 1024;

  /// What decoders of foreign bytes have in common.
  private interface Reader {
    Object read(byte[] bytes) throws MalformedException;
  }

  private static final List<Reader> READERS =
      List.of(
          ValueEncoding::decode,
          bytes -> CellId.decode(bytes, ReplicaForm.FULL),
          bytes -> CellEncoding.decode(CellKind.REGISTER, bytes, ReplicaForm.FULL),
          bytes -> CellEncoding.decode(CellKind.COUNTER, bytes, ReplicaForm.FULL),
          bytes -> OperationEncoding.read(new Decoder(bytes), 16_384));

  @Property
  void numbersReadBackInTheirShortestForm(@ForAll long number, @ForAll int small)
      throws MalformedException {
    var bytes =
        new Encoder(1).varint(number).signed(number).u64(number).u32(small).u16(small).u8(small);
    var in = new Decoder(bytes.toBytes());
    assertThat(in.varint()).isEqualTo(number);
    assertThat(in.signed()).isEqualTo(number);
    assertThat(in.u64()).isEqualTo(number);
    assertThat(in.u32()).isEqualTo(small);
    assertThat(in.u16()).isEqualTo(small & 0xFFFF);
    assertThat(in.u8()).isEqualTo(small & 0xFF);
    in.finish();
    int groups = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(number) + 6) / 7);
    assertThat(new Encoder().varint(number).size()).isEqualTo(groups);
  }

  @Property
  void aVarintOfAnyOtherFormIsRefused(
      @ForAll long number, @ForAll @IntRange(min = 1, max = 3) int padding) {
    var shortest = new Encoder().varint(number).toBytes();
    var longer = Arrays.copyOf(shortest, shortest.length + padding);
    for (int i = shortest.length - 1; i < longer.length - 1; i++) {
      longer[i] |= (byte) 0x80;
    }
    assertThatThrownBy(() -> new Decoder(longer).varint()).isInstanceOf(MalformedException.class);
  }

  @Example
  void aVarintOfMoreThan64BitsIsRefused() {
    for (var hex :
        List.of("ffffffffffffffffff02", "ffffffffffffffffffff01", "80", "ffffffffffff")) {
      var bytes = HexFormat.of().parseHex(hex);
      assertThatThrownBy(() -> new Decoder(bytes).varint()).isInstanceOf(MalformedException.class);
    }
  }

  @Example
  void textThatIsNotUtf8IsRefused() {
    // A lone continuation, an overlong NUL, a surrogate, a point beyond the last, a cut sequence.
    for (var hex : List.of("80", "c080", "eda080", "f4908080", "e697")) {
      var bytes = HexFormat.of().parseHex(hex);
      assertThatThrownBy(() -> Decoder.utf8(bytes)).isInstanceOf(MalformedException.class);
      var text = new Encoder().u8(6).raw(bytes).toBytes();
      assertThatThrownBy(() -> ValueEncoding.decode(text)).isInstanceOf(MalformedException.class);
      var id = new Encoder().raw(bytes).u8(0).u8(1).u8(1).toBytes();
      assertThatThrownBy(() -> CellId.decode(id, ReplicaForm.FULL))
          .isInstanceOf(MalformedException.class);
    }
  }

  @Example
  void whatIsLeftOverIsRefused() throws MalformedException {
    var in = new Decoder(new byte[] {1, 2, 3, 4}, 1, 2);
    assertThat(in.remaining()).isEqualTo(2);
    assertThat(in.u8()).isEqualTo(2);
    assertThat(in.position()).isEqualTo(2);
    assertThatThrownBy(in::finish).isInstanceOf(MalformedException.class);
    assertThat(in.rest()).containsExactly(3);
    in.finish();
    assertThatThrownBy(in::u8).isInstanceOf(MalformedException.class);
  }

  @Example
  void aSeqIsFromOneToTheGreatestLong() {
    for (long seq : new long[] {0, -1, Long.MIN_VALUE}) {
      var bytes = new Encoder().varint(seq).toBytes();
      assertThatThrownBy(() -> new Decoder(bytes).seq()).isInstanceOf(MalformedException.class);
    }
  }

  /// A few bytes that claim much: nothing is allocated on the strength of a claim.
  @Example
  void aClaimIsNotBelieved() {
    var claims =
        List.of(
            new Encoder().u8(7).varint(Integer.MAX_VALUE),
            new Encoder().u8(8).varint(Integer.MAX_VALUE),
            new Encoder().u8(7).varint(1).u8(6).varint(Integer.MAX_VALUE),
            new Encoder().u8(5).signed(3).varint(Integer.MAX_VALUE),
            new Encoder().u8(7).varint(-1),
            new Encoder().raw(new byte[25]).varint(1).raw(new byte[8]).u8(0).varint(1 << 30),
            operation(3).varint(OperationEncoding.TALLIES_MAX),
            operation(3).varint(1).varint(32),
            operation(1).u8(0).varint(1 << 30),
            new Encoder().u8(6).varint(0).varint(33).varint(1 << 30));
    for (var claim : claims) {
      var bytes = claim.toBytes();
      for (var reader : READERS) {
        attempt(reader, bytes);
        assertThat(allocatedBy(() -> attempt(reader, bytes))).isLessThan(ALLOCATED_MAX);
      }
    }
  }

  /// Three bytes of each operation here name 4 KiB of path; it is checked once.
  @Example
  void aRunOnOneLongPathCostsItsLength() {
    var out = new Encoder().u8(6).varint(0).varint(33);
    for (int i = 0; i < 33; i++) {
      out.text("n".repeat(120));
    }
    for (int i = 1; i < 10_000; i++) {
      out.u8(6).varint(33).varint(0);
    }
    var bytes = out.toBytes();
    Runnable read =
        () -> {
          try {
            assertThat(OperationEncoding.read(new Decoder(bytes), 10_000)).hasSize(10_000);
          } catch (MalformedException refused) {
            throw new AssertionError(refused);
          }
        };
    read.run();
    assertThat(allocatedBy(read)).isLessThan(20L * bytes.length);
  }

  private static Encoder operation(int code) {
    return new Encoder().u8(code).varint(0).varint(1).text("k");
  }

  private static void attempt(Reader reader, byte[] bytes) {
    try {
      reader.read(bytes);
    } catch (MalformedException refused) {
      // One of the readers was meant; most refuse.
    }
  }

  private static long allocatedBy(Runnable action) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    action.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}

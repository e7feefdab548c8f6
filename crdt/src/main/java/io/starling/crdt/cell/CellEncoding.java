package io.starling.crdt.cell;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.store.DotFun;
import io.starling.crdt.store.Unit;
import io.starling.crdt.value.ValueEncoding;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The bytes of a cell's content. With [ReplicaForm#FULL] they are canonical: equal content, equal
/// bytes, on every node; a digest is taken of these. At rest a store writes its own short numbers.
///
/// The dots of a cell are written one after the other to the end; there is no count.
public final class CellEncoding {

  // What a replica id takes more than a number.
  private static final int REPLICA_BYTES_MORE = 24;

  private CellEncoding() {}

  public static byte[] encode(Cell cell, ReplicaForm replicas) {
    var out = new Encoder();
    switch (cell) {
      case Cell.Presence(var dots) -> dots.entries().keySet().forEach(d -> out.dot(d, replicas));
      case Cell.Contested(var marks) ->
          marks.entries().forEach((dot, mark) -> out.dot(dot, replicas).u8(mark.code()));
      case Cell.Register(var values) ->
          values
              .entries()
              .forEach((dot, assignment) -> {
                out.dot(dot, replicas)
                    .u64(assignment.time().bits())
                    .u8(assignment.rule().code())
                    .bytes(ValueEncoding.encode(assignment.value()));
              });
      case Cell.Share(var counted, var reset) -> {
        tally(out, counted);
        tally(out, reset);
      }
    }
    return out.toBytes();
  }

  /// Reads what [#encode] gives for a cell of that kind.
  public static Cell decode(CellKind kind, byte[] bytes, ReplicaForm replicas)
      throws MalformedException {
    var in = new Decoder(bytes);
    Cell cell =
        switch (kind) {
          case MAP, FLAG, SET -> presence(in, replicas);
          case DISABLE_WINS_FLAG, REMOVE_WINS_SET -> contested(in, replicas);
          case REGISTER -> register(in, replicas);
          case COUNTER -> new Cell.Share(tally(in), tally(in));
        };
    in.finish();
    return cell;
  }

  /// The same content with replicas in another form. Looks at no more than it must: what is damaged
  /// may come out as it is.
  ///
  /// @throws MalformedException if it is not made of dots
  public static byte[] transcode(CellKind kind, byte[] bytes, ReplicaForm from, ReplicaForm to)
      throws MalformedException {
    if (kind == CellKind.COUNTER) {
      return bytes;
    }
    var out = new Encoder(bytes.length + REPLICA_BYTES_MORE);
    transcode(kind, bytes, from, to, out);
    return out.toBytes();
  }

  /// The same, behind what was written before.
  public static void transcode(
      CellKind kind, byte[] bytes, ReplicaForm from, ReplicaForm to, Encoder out)
      throws MalformedException {
    if (kind == CellKind.COUNTER) {
      out.raw(bytes);
      return;
    }
    var in = new Decoder(bytes);
    while (in.remaining() > 0) {
      out.dot(in.dot(from), to);
      if (kind == CellKind.REGISTER) {
        in.bytesTo(out.u64(in.u64()).u8(in.u8()));
      } else if (kind.isContested()) {
        out.u8(in.u8());
      }
    }
  }

  /// The replicas whose dots the canonical bytes of a cell that is no counter's hold, each once.
  /// They are checked as [#decode] checks them, but no value is made.
  ///
  /// @param before those of another cell, which are given again if they are the same
  /// @throws MalformedException also if there is no dot
  static List<ReplicaId> replicas(CellKind kind, byte[] bytes, List<ReplicaId> before)
      throws MalformedException {
    var in = new Decoder(bytes);
    var last = dot(kind, in);
    if (in.remaining() == 0) {
      boolean isSame = before.size() == 1 && before.getFirst().equals(last.replica());
      return isSame ? before : List.of(last.replica());
    }
    var replicas = new ArrayList<>(List.of(last.replica()));
    while (in.remaining() > 0) {
      var dot = dot(kind, in);
      if (last.compareTo(dot) >= 0) {
        throw new MalformedException("dots out of order");
      }
      if (!dot.replica().equals(last.replica())) {
        replicas.add(dot.replica());
      }
      last = dot;
    }
    return replicas.equals(before) ? before : List.copyOf(replicas);
  }

  /// A dot, with what it carries checked and passed over.
  private static Dot dot(CellKind kind, Decoder in) throws MalformedException {
    var dot = in.dot(ReplicaForm.FULL);
    if (kind == CellKind.REGISTER) {
      var _ = in.u64();
      var _ = ReadRule.ofCode(in.u8());
      ValueEncoding.check(in.within());
    } else if (kind.isContested()) {
      var _ = Mark.ofCode(in.u8());
    }
    return dot;
  }

  private static Cell presence(Decoder in, ReplicaForm replicas) throws MalformedException {
    var dots = new TreeMap<Dot, Unit>();
    while (in.remaining() > 0) {
      dots.put(next(in, replicas, dots), Unit.UNIT);
    }
    return new Cell.Presence(new DotFun<>(dots));
  }

  private static Cell contested(Decoder in, ReplicaForm replicas) throws MalformedException {
    var marks = new TreeMap<Dot, Mark>();
    while (in.remaining() > 0) {
      var dot = next(in, replicas, marks);
      marks.put(dot, Mark.ofCode(in.u8()));
    }
    return new Cell.Contested(new DotFun<>(marks));
  }

  private static Cell register(Decoder in, ReplicaForm replicas) throws MalformedException {
    var values = new TreeMap<Dot, Assignment>();
    while (in.remaining() > 0) {
      var dot = next(in, replicas, values);
      var time = new HybridTime(in.u64());
      var rule = ReadRule.ofCode(in.u8());
      values.put(dot, new Assignment(ValueEncoding.decode(in.bytes()), time, rule));
    }
    return new Cell.Register(new DotFun<>(values));
  }

  /// The next dot, which must follow those before it.
  private static Dot next(Decoder in, ReplicaForm replicas, SortedMap<Dot, ?> before)
      throws MalformedException {
    var dot = in.dot(replicas);
    if (!before.isEmpty() && before.lastKey().compareTo(dot) >= 0) {
      throw new MalformedException("dots out of order");
    }
    return dot;
  }

  static void tally(Encoder out, Tally tally) {
    out.varint(tally.seq()).varint(tally.index()).signed(tally.total());
  }

  static Tally tally(Decoder in) throws MalformedException {
    long seq = in.varint();
    int index = in.count(Integer.MAX_VALUE, "as index");
    long total = in.signed();
    try {
      return new Tally(seq, index, total);
    } catch (IllegalArgumentException refused) {
      throw new MalformedException("a tally out of range", refused);
    }
  }
}

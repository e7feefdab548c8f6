package io.starling.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.StatusException;
import io.starling.client.ReadToken;
import io.starling.client.link.Address;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.CanonicalCell;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.op.OperationEncoding;
import io.starling.crdt.value.Value;
import io.starling.crdt.value.ValueEncoding;
import io.starling.node.access.BearerToken;
import io.starling.node.access.TokenRecord;
import io.starling.node.api.rest.Problem;
import io.starling.node.api.rest.Target;
import io.starling.node.api.wire.WireMutations;
import io.starling.node.api.wire.WireValues;
import io.starling.node.api.wire.WireViews;
import io.starling.node.backup.Schedule;
import io.starling.node.backup.repository.ChunkId;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.survey.AdminCall;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.NodeCertificate;
import io.starling.node.identity.PeerAddress;
import io.starling.node.identity.SignedRevocation;
import io.starling.node.identity.VerificationKey;
import io.starling.node.json.ExportLine;
import io.starling.node.json.JsonText;
import io.starling.node.receipt.Receipt;
import io.starling.proto.v1.Transaction;
import io.starling.proto.v1.View;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.membership.Revocation;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Beacon;
import io.starling.replica.message.Token;
import io.starling.replica.message.TransferEncoding;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.state.SpaceImage.Part;
import io.starling.replica.state.SpaceImage.Row;
import io.starling.replica.state.SpaceImport;
import io.starling.simulation.script.Regions;
import io.starling.simulation.script.ScriptText;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/// All that reads bytes or text from outside. A method that does and is not here, nor among those
/// that [#OWN] excuses, fails [FuzzTest].
final class Readers {

  /// What reads what this node's operator or its own store wrote, and why it is not fuzzed.
  static final Set<String> OWN =
      Set.of(
          // Rows of its own store, which RocksDB's checksums guard; a broken one is an assertion.
          "KeyHeader.decode(byte[])",
          "Origin.decode(int, ReplicaId, byte[], ReplicaForm)",
          "SystemRow.decode(byte[])",
          "ReplicaForm.read(Decoder)",
          "ReplicaNumbers.read(Decoder)",
          "CellHash.look(byte[], CellKind, byte[], ReplicaForm)",
          "Shape.of(byte[], byte[])",
          "Rows.add(Row, List)",
          "Cells.add(Row, List)",
          // Parts of what is read as a whole.
          "CellEncoding.replicas(CellKind, byte[], List)",
          "CellEncoding.tally(Decoder)",
          "CellEncoding.transcode(CellKind, byte[], ReplicaForm, ReplicaForm, Encoder)",
          "Decoder.utf8(byte[])",
          "Decoder.count(int, String)",
          "Numbered.read(Decoder)",
          "WireValues.read(Dot)",
          "WireValues.read(Path)",
          "WireValues.read(ReadRule)",
          "WireValues.read(Bias)",
          "WireMutations.tallies(Path, List)",
          "ExportJson.line(byte[])",
          "ExportLine.requireWhole(String, View)",
          "ViewReader.require(JsonParser, JsonToken, String)",
          "ViewReader.text(JsonParser, String)",
          "ViewReader.truth(JsonParser, String)",
          "ViewReader.whole(JsonParser, String)",
          "JsonObject.of(Value, String)",
          "MutationJson.merge(Path, Value, boolean)",
          "MutationJson.path(String, List)",
          "TransactionEndpoints.key(Optional, List)",
          "X509.only(List, Path)",
          // Frames between peers, which IntakeFuzzTest damages.
          "Greeting.answer(Hello)",
          "Intake.acknowledgement(Link, Acknowledgement)",
          "Intake.ask(Link, Ask)",
          "Intake.batches(Link, Batches)",
          "Intake.beacon(Link, Beacon)",
          "Intake.behind(Link, Behind)",
          "Intake.dismissal(Dismissal)",
          "Intake.evidence(Link, Evidence)",
          "Intake.pull(Link, Pull)",
          "Intake.transfer(Link, Transfer)",
          // Files and names that the operator gives to a command or the configuration.
          "AlternativeNames.checked(List)",
          "ExportFile.of(Path)",
          "Invitation.issue(Path, Path, List)",
          "Invitation.issue(Path, Path, List, Validity)",
          "JoinRequest.create(Path, String, String, List)",
          "Manifest.read(Repository, String)",
          "Manifest.find(Repository, String)",
          "NodeConfig.read(Path, Map)",
          "S3Place.parse(String, S3Options)",
          "Collector.parse(String)",
          "MemberText.find(List, String)",
          "MemberText.findEvicted(List, String)",
          "Tokens.read(Path)",
          // A node's own files, and what the system says of them.
          "DepartureNote.read(Path)",
          "DiskFacts.read(Path)",
          "JavaCommand.reading(Path)",
          "LocalCluster.find(Path)",
          "NodeKey.of(byte[])",
          "NodeKey.read(Path)",
          "Pem.read(Path)",
          "Pem.readSecret(Path, String)",
          "Redaction.of(String)",
          "StorePlace.of(Path)",
          "TokenFile.read(Path)",
          "TransportKey.read(Path)",
          // Hashes and values, of any bytes or text of the right length, which is the caller's.
          "ChainHash.of(byte[])",
          "ChainHash.ofBytes(byte[])",
          "ChunkId.of(byte[])",
          "Place.add(Leaf)",
          "Place.below(String)",
          "Sha256.of(byte[])",
          "Value.of(String)",
          "ViewText.of(Value)",
          // Look-ups, which read nothing.
          "Role.ofLabel(String)",
          "Setting.ofKey(String)",
          "Setting.ofVariable(String)",
          "SystemDocuments.find(HostedSpace, String)",
          "SystemDocuments.findBy(KeyFingerprint, HostedSpace, String)",
          "Verb.of(String)");

  private static final Set<Class<? extends Throwable>> MALFORMED = Set.of(MalformedException.class);
  private static final Set<Class<? extends Throwable>> NO_ARGUMENT =
      Set.of(IllegalArgumentException.class);
  private static final Set<Class<? extends Throwable>> FOREIGN = Set.of(IdentityException.class);
  private static final Set<Class<? extends Throwable>> WIRE =
      Set.of(MalformedException.class, InvalidProtocolBufferException.class);
  private static final Set<Class<? extends Throwable>> PROBLEM =
      Set.of(Problem.class, MalformedException.class);
  private static final Set<Class<? extends Throwable>> FAILURE = Set.of(CommandFailure.class);

  private static final Set<Class<? extends Throwable>> ROWS =
      Set.of(MalformedException.class, StorageFailure.class);
  private static final Set<Class<? extends Throwable>> UNSEALED = Set.of(RepositoryException.class);

  private static final String FRAMES = "io.starling.node.transport.FrameEncoding";
  private static final String MUTATIONS = "io.starling.node.api.rest.MutationJson";
  private static final String SEALING = "io.starling.node.backup.repository.Sealing";

  private final List<Reader> readers = new ArrayList<>();

  private Readers() {
    crdt();
    replica();
    identity();
    backup();
    apis();
    commands();
    others();
  }

  /// In an order that only grows at its end, for the sake of inputs that were kept.
  static List<Reader> all() {
    return List.copyOf(new Readers().readers);
  }

  /// How a method is told apart: `Token.fromBytes(byte[])`.
  static String name(Class<?> owner, String method, Class<?>... parameters) {
    return owner.getSimpleName()
        + "."
        + method
        + Arrays.stream(parameters)
            .map(Class::getSimpleName)
            .collect(Collectors.joining(", ", "(", ")"));
  }

  private void crdt() {
    var full = ReplicaForm.FULL;
    var values = "crdt/vectors/values.txt";
    var names = "crdt/vectors/cell-ids.txt";
    add(
        "ValueEncoding.decode(byte[])",
        MALFORMED,
        List.of(values),
        in -> same(in, ValueEncoding.encode(ValueEncoding.decode(in))));
    add(
        "ValueEncoding.check(Decoder)",
        MALFORMED,
        List.of(values),
        in -> {
          ValueEncoding.check(new Decoder(in));
          same(in, ValueEncoding.encode(ValueEncoding.decode(in)));
        });
    add(
        "Path.read(Decoder)",
        MALFORMED,
        List.of("crdt/vectors/paths.txt"),
        in -> {
          var decoder = new Decoder(in);
          var path = io.starling.crdt.cell.Path.read(decoder);
          decoder.finish();
          var out = new Encoder();
          path.write(out);
          same(in, out.toBytes());
        });
    add(
        "CellId.decode(byte[], ReplicaForm)",
        MALFORMED,
        List.of(names),
        in -> same(in, CellId.decode(in, full).encode(full)));
    add("CellId.kind(byte[])", MALFORMED, List.of(names), CellId::kind);
    for (var kind : CellKind.values()) {
      var file = "crdt/vectors/cells-" + kind.label() + ".txt";
      add(
          "CellEncoding.decode(CellKind, byte[], ReplicaForm)",
          MALFORMED,
          List.of(file),
          in -> same(in, CellEncoding.encode(CellEncoding.decode(kind, in, full), full)));
    }
    add(
        "CellEncoding.transcode(CellKind, byte[], ReplicaForm, ReplicaForm)",
        MALFORMED,
        List.of("crdt/vectors/cells-register.txt"),
        in -> same(in, CellEncoding.transcode(CellKind.REGISTER, in, full, full)));
    add(
        "Reader.read(byte[], byte[])",
        MALFORMED,
        List.of(names),
        in -> {
          var decoder = new Decoder(in);
          var name = decoder.bytes();
          new CanonicalCell.Reader().read(name, decoder.rest());
        });
    add(
        "OperationEncoding.read(Decoder, int)",
        MALFORMED,
        List.of("crdt/vectors/operations.txt"),
        Readers::operations);
    add(
        "KeyFingerprint.parse(String)",
        NO_ARGUMENT,
        List.of(),
        in -> KeyFingerprint.parse(text(in)));
    add("ReplicaId.parse(String)", NO_ARGUMENT, List.of(), in -> ReplicaId.parse(text(in)));
  }

  private static void operations(byte[] in) throws MalformedException {
    var decoder = new Decoder(in);
    int count = decoder.u8();
    var operations = OperationEncoding.read(decoder, count);
    decoder.finish();
    var out = new Encoder().u8(count);
    OperationEncoding.write(out, operations);
    same(in, out.toBytes());
  }

  private void replica() {
    var tokens = List.of("replica/vectors/tokens.txt");
    add(
        "BatchEncoding.decode(byte[])",
        Set.of(),
        List.of("replica/vectors/batches.txt"),
        in -> {
          switch (BatchEncoding.decode(in)) {
            case BatchEncoding.Decoded.Read(var batch) -> same(in, BatchEncoding.encode(batch));
            case BatchEncoding.Decoded.Newer _, BatchEncoding.Decoded.Malformed _ -> {}
          }
        });
    add(
        "ChainHash.read(Decoder)",
        MALFORMED,
        List.of("replica/vectors/hashes.txt"),
        in -> ChainHash.read(new Decoder(in)));
    add(
        "ForkProof.fromBytes(byte[])",
        MALFORMED,
        List.of("replica/vectors/forks.txt"),
        in -> same(in, ForkProof.fromBytes(in).toBytes()));
    add(
        "Token.fromBytes(byte[])",
        MALFORMED,
        tokens,
        in -> same(in, Token.fromBytes(in).toBytes()));
    add("Token.ofStore(byte[])", MALFORMED, tokens, in -> same(in, Token.ofStore(in).toBytes()));
    add("Token.fromText(String)", MALFORMED, List.of(), in -> Token.fromText(text(in)));
    add(
        "Beacon.fromBytes(byte[])",
        MALFORMED,
        List.of("replica/vectors/beacons.txt"),
        in -> same(in, Beacon.fromBytes(in).toBytes()));
    add(
        "Acknowledgement.fromBytes(byte[])",
        MALFORMED,
        List.of("replica/vectors/acknowledgements.txt"),
        in -> same(in, Acknowledgement.fromBytes(in).toBytes()));
    add(
        "TransferEncoding.decode(byte[])",
        MALFORMED,
        List.of("replica/vectors/transfers.txt"),
        in -> same(in, TransferEncoding.encode(TransferEncoding.decode(in))));
    add(
        "Revocation.fromBytes(byte[])",
        MALFORMED,
        List.of("cluster/revocation"),
        in -> same(in, Revocation.fromBytes(in).toBytes()));
    add("SpaceId.parse(String)", NO_ARGUMENT, List.of(), in -> SpaceId.parse(text(in)));
    add("ClusterId.parse(String)", NO_ARGUMENT, List.of(), in -> ClusterId.parse(text(in)));
  }

  private void identity() {
    add(
        "X509.parse(byte[])",
        FOREIGN,
        List.of("cluster/certificate"),
        in -> hidden("io.starling.node.identity.X509", "parse", in));
    add(
        "NodeCertificate.parse(byte[], AuthorityCertificate)",
        FOREIGN,
        List.of("cluster/certificate"),
        in -> NodeCertificate.parse(in, Cluster.authority()));
    add(
        "Pkcs10.parse(byte[])",
        FOREIGN,
        List.of("cluster/request"),
        in -> hidden("io.starling.node.identity.Pkcs10", "parse", in));
    add(
        "SignedRevocation.read(byte[], AuthorityCertificate)",
        FOREIGN,
        List.of("cluster/signed-revocation"),
        in -> same(in, SignedRevocation.read(in, Cluster.authority()).toBytes()));
    add(
        "Pem.blocks(String, Path)",
        FOREIGN,
        List.of("cluster/invitation"),
        in -> hidden("io.starling.node.identity.Pem", "blocks", text(in), Path.of("a")));
    add(
        "Invitation.read(Path)",
        FOREIGN,
        List.of("cluster/invitation"),
        in -> io.starling.node.identity.Invitation.read(Cluster.file(in)));
    add(
        "JoinRequest.read(Path)",
        FOREIGN,
        List.of("cluster/join-request"),
        in -> io.starling.node.identity.JoinRequest.read(Cluster.file(in)));
    add(
        "AuthorityCertificate.read(Path)",
        FOREIGN,
        List.of("cluster/authority/authority.pem"),
        in -> io.starling.node.identity.AuthorityCertificate.read(Cluster.file(in)));
    add(
        "PeerAddress.parse(String)",
        NO_ARGUMENT,
        List.of("=localhost:7402", "=[::1]:1"),
        in -> PeerAddress.parse(text(in)));
  }

  private void backup() {
    add(
        "RowBlock.read(byte[])",
        Set.of(RepositoryException.class),
        List.of("=\u0001a\u0001b\u0000\u0000"),
        in -> hidden("io.starling.node.backup.RowBlock", "read", in));
    add(
        "ManifestJson.read(byte[])",
        MALFORMED,
        List.of(Examples.MANIFEST),
        in -> hidden("io.starling.node.backup.ManifestJson", "read", in));
    add("ChunkId.read(Decoder)", MALFORMED, List.of(), in -> ChunkId.read(new Decoder(in)));
    add("ChunkId.parse(String)", NO_ARGUMENT, List.of(), in -> ChunkId.parse(text(in)));
    add(
        "Schedule.parse(String)",
        NO_ARGUMENT,
        List.of("=*/15 2-4 1,15 * 1-5"),
        in -> Schedule.parse(text(in)));
    add(
        "Witness.parse(String)",
        MALFORMED,
        List.of(Examples.WITNESS),
        in -> hidden("io.starling.node.witness.Witness", "parse", text(in)));
    add(
        "Witness.format(String)",
        MALFORMED,
        List.of("=format=1\n"),
        in -> hidden("io.starling.node.witness.Witness", "format", text(in)));
  }

  private void apis() {
    var json = List.of("={\"a\":[1,-0.5e3,\"\\u00e9\",null,true,{}],\"b\":1e-400}");
    add(
        "JsonText.parse(byte[])",
        MALFORMED,
        json,
        in -> {
          var value = JsonText.parse(in);
          same(value, JsonText.parse(JsonText.write(value)));
        });
    add("JsonText.parse(String)", MALFORMED, json, in -> JsonText.parse(text(in)));
    add("Receipt.parse(byte[])", MALFORMED, List.of(Examples.RECEIPT), Receipt::parse);
    add(
        "Target.parse(String)",
        PROBLEM,
        List.of("=/api/v1/spaces/main/keys/a%2Fb?fields=x&limit=3"),
        in -> Target.parse(text(in)));
    add(
        "Target.decode(String)",
        PROBLEM,
        List.of("=a%20b%c3%a9"),
        in -> hidden("io.starling.node.api.rest.Target", "decode", text(in)));
    add(
        "MutationJson.ofKey(String, Value)",
        PROBLEM,
        List.of(Examples.MUTATIONS),
        in -> hidden("io.starling.node.api.rest.MutationJson", "ofKey", "k", JsonText.parse(in)));
    add(
        "BearerToken.parse(String)",
        Set.of(),
        List.of("=st_abcdefgh_secret"),
        in -> BearerToken.parse(text(in)));
    add(
        "ReadTokens.read(ByteString)",
        Set.of(StatusException.class),
        List.of("replica/vectors/tokens.txt"),
        in -> hidden("io.starling.node.api.grpc.ReadTokens", "read", ByteString.copyFrom(in)));
    add(
        "FrameEncoding.space(ByteString)",
        MALFORMED,
        List.of(),
        in -> hidden("io.starling.node.transport.FrameEncoding", "space", ByteString.copyFrom(in)));
    add(
        "WireMutations.read(Transaction)",
        WIRE,
        List.of("cluster/transaction"),
        in -> WireMutations.read(Transaction.parseFrom(in)));
    add(
        "WireValues.read(Value)",
        WIRE,
        List.of(),
        in -> wireValue(io.starling.proto.v1.Value.parseFrom(in)));
    add(
        "WireViews.read(Path, View)",
        WIRE,
        List.of(),
        in -> WireViews.read(io.starling.crdt.cell.Path.of("k"), View.parseFrom(in)));
  }

  private static void wireValue(io.starling.proto.v1.Value message) throws MalformedException {
    var value = WireValues.read(message);
    same(value, WireValues.read(WireValues.write(value)));
  }

  private void commands() {
    add(
        "ValueText.parse(String, boolean)",
        FAILURE,
        List.of("={\"a\":1}"),
        in -> hidden("io.starling.node.cli.ValueText", "parse", text(in), true));
    add("AdminCall.parse(String)", FAILURE, List.of("={\"a\":1}"), in -> AdminCall.parse(text(in)));
    add(
        "ContextYaml.read(String)",
        NO_ARGUMENT,
        List.of("=current: a\ncontexts:\n  a:\n    nodes: [localhost:7401]\n"),
        in -> hidden("io.starling.node.cli.context.ContextYaml", "read", text(in)));
    add(
        "Level.parse(String)",
        NO_ARGUMENT,
        List.of("=all", "=3"),
        in -> hidden("io.starling.node.space.Level", "parse", text(in)));
    add(
        "Address.parse(String)",
        NO_ARGUMENT,
        List.of("=https://a.example:7401"),
        in -> Address.parse(text(in)));
    add("ReadToken.parse(String)", NO_ARGUMENT, List.of(), in -> ReadToken.parse(text(in)));
    add(
        "ScriptText.parse(String)",
        NO_ARGUMENT,
        List.of(Examples.SCRIPT),
        in -> new ScriptText(Regions.of(9, 3)).parse(text(in)));
  }

  /// Found later than the others.
  private void others() {
    add(
        "VerificationKey.of(byte[])",
        FOREIGN,
        List.of("cluster/key"),
        in -> same(in, VerificationKey.of(in).bytes()));
    add(
        "VerificationKey.ofText(String)",
        FOREIGN,
        List.of(),
        in -> hidden("io.starling.node.identity.VerificationKey", "ofText", text(in)));
    add(
        "KeyBinding.only(List)",
        FOREIGN,
        List.of("=starling:node:00:11"),
        in -> hidden("io.starling.node.identity.KeyBinding", "only", List.of(binding(in))));
    add(
        "Roster.learn(byte[])",
        FOREIGN,
        List.of("cluster/certificate"),
        in -> Cluster.roster().learn(in));
    add("SpaceImport.add(Part, Row)", ROWS, List.of("cluster/image"), Readers::image);
    add("Sealing.unseal(String, byte[], int)", UNSEALED, List.of("=SB\u0001"), Readers::sealed);
    add(
        "FrameEncoding.places(SpaceId, List)",
        MALFORMED,
        List.of(),
        in -> hidden(FRAMES, "places", Cluster.SPACE, List.of(ByteString.copyFrom(in))));
    add(
        "TokenRecord.read(Value)",
        MALFORMED,
        List.of("={\"hash\":\"h\",\"salt\":\"s\",\"role\":\"admin\",\"created\":1}"),
        in -> TokenRecord.read(JsonText.parse(in)));
    add(
        "MutationJson.ofTransaction(List)",
        PROBLEM,
        List.of("={\"op\":\"set\",\"key\":\"k\",\"value\":1}"),
        in -> hidden(MUTATIONS, "ofTransaction", List.of(JsonText.parse(in))));
    add(
        "ProcessFigures.of(String)",
        Set.of(),
        List.of("=process_cpu_usage 0.5\njvm_memory_used_bytes{area=\"heap\"} 1.5E8\n"),
        in -> hidden("io.starling.node.cli.top.ProcessFigures", "of", text(in)));
    add(
        "Path.of(String)",
        NO_ARGUMENT,
        List.of("=k"),
        in -> io.starling.crdt.cell.Path.of(text(in)));
    add(
        "ExportLine.parse(byte[])",
        MALFORMED,
        List.of(Examples.EXPORTED, "={\"export\":1,\"space\":\"main\",\"prefix\":\"\"}"),
        Readers::exportLine);
  }

  private static void exportLine(byte[] in) throws MalformedException {
    var line = ExportLine.parse(in);
    var again = ExportLine.write(line, Integer.MAX_VALUE).orElseThrow();
    same(again, ExportLine.write(ExportLine.parse(again), Integer.MAX_VALUE).orElseThrow());
  }

  private static String binding(byte[] in) {
    return "starling:node:" + text(in);
  }

  /// Rows until no more can be made of the bytes, each of them made durable like an import's.
  private static void image(byte[] in) throws MalformedException {
    var rows = new Decoder(in);
    var state = new MemoryState();
    var rebuild = new SpaceImport(Cluster.SPACE, state);
    while (rows.remaining() > 0) {
      var part = Part.values()[rows.u8() % Part.values().length];
      rebuild.add(part, new Row(rows.bytes(), rows.bytes()));
      state.persist(rebuild.take());
      rebuild.token();
    }
  }

  /// With the sum that is right, which nobody would find by chance.
  private static void sealed(byte[] in) throws Throwable {
    var sum = new CRC32();
    sum.update(in);
    var sealed =
        ByteBuffer.allocate(in.length + Integer.BYTES).put(in).putInt((int) sum.getValue());
    var sealing = hidden(SEALING, "open").orElseThrow();
    hiddenOf(sealing, "unseal", "chunk", sealed.array(), 1 << 16);
  }

  private void add(
      String name, Set<Class<? extends Throwable>> refusals, List<String> seeds, Reader.Body body) {
    readers.add(new Reader(name, body, refusals, seeds));
  }

  private static String text(byte[] in) {
    return new String(in, StandardCharsets.UTF_8);
  }

  private static void same(byte[] in, byte[] out) {
    if (!Arrays.equals(in, out)) {
      throw new AssertionError("read, and written as other bytes");
    }
  }

  private static void same(Value in, Value out) {
    if (!in.equals(out)) {
      throw new AssertionError("written, and read as another value: " + in + ", " + out);
    }
  }

  /// Calls a static method that only its package sees.
  private static Optional<Object> hidden(String owner, String method, Object... arguments)
      throws Throwable {
    return call(Class.forName(owner), Optional.empty(), method, arguments);
  }

  /// Calls a method that only its package sees.
  private static Optional<Object> hiddenOf(Object owner, String method, Object... arguments)
      throws Throwable {
    return call(owner.getClass(), Optional.of(owner), method, arguments);
  }

  private static Optional<Object> call(
      Class<?> type, Optional<Object> owner, String method, Object... arguments) throws Throwable {
    for (var candidate : type.getDeclaredMethods()) {
      if (candidate.getName().equals(method) && takes(candidate.getParameterTypes(), arguments)) {
        candidate.setAccessible(true);
        try {
          return Optional.ofNullable(candidate.invoke(owner.orElse(null), arguments));
        } catch (InvocationTargetException thrown) {
          throw thrown.getCause();
        }
      }
    }
    throw new LinkageError("no such method: " + type.getName() + "." + method);
  }

  private static boolean takes(Class<?>[] parameters, Object[] arguments) {
    boolean fits = parameters.length == arguments.length;
    for (int i = 0; fits && i < arguments.length; i++) {
      fits = parameters[i].isInstance(arguments[i]) || parameters[i].isPrimitive();
    }
    return fits;
  }
}

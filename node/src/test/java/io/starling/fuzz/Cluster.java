package io.starling.fuzz;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.value.Value;
import io.starling.node.api.wire.WireMutations;
import io.starling.node.identity.AuthorityCertificate;
import io.starling.node.identity.ClusterInit;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.Invitation;
import io.starling.node.identity.JoinRequest;
import io.starling.node.identity.NodeIdentity;
import io.starling.node.identity.PeerAddress;
import io.starling.node.identity.Roster;
import io.starling.node.identity.SignedRevocation;
import io.starling.proto.v1.Transaction;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.membership.Revocation;
import io.starling.replica.membership.Revocation.Cut;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The authority whose certificates are read, and genuine examples of what carries its signatures:
/// files in the directory that the property `starling.fuzz.cluster` names.
final class Cluster {

  private static final String PROPERTY = "starling.fuzz.cluster";

  /// Whose rows the image has.
  static final SpaceId SPACE = new SpaceId(6, 7);

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN [A-Z0-9 ]+-----(.*?)-----END", Pattern.DOTALL);

  private Cluster() {}

  /// Makes the files, for this JVM and those that are started with the option it returns.
  static String create(Path home) throws IOException, IdentityException {
    var authority = home.resolve("authority");
    ClusterInit.create(authority, "fuzz");
    var request = JoinRequest.create(home.resolve("node"), "a", "here", List.of("localhost"));
    var invitation = home.resolve("invitation");
    Invitation.issue(authority, request, List.of(PeerAddress.parse("localhost:7402")))
        .writeTo(invitation);
    Invitation.accept(home.resolve("node"), invitation);
    Files.copy(request, home.resolve("join-request"));
    Files.write(home.resolve("certificate"), block(invitation, 1));
    Files.write(home.resolve("request"), block(request, 0));
    var revocation = revocation();
    Files.write(home.resolve("revocation"), revocation.toBytes());
    var signed = SignedRevocation.issue(authority, revocation);
    Files.write(home.resolve("signed-revocation"), signed.toBytes());
    Files.write(home.resolve("transaction"), transaction().toByteArray());
    var key = NodeIdentity.open(home.resolve("node")).certificate().key();
    Files.write(home.resolve("key"), key.bytes());
    Files.write(home.resolve("image"), image());
    System.setProperty(PROPERTY, home.toString());
    return "-D" + PROPERTY + "=" + home;
  }

  /// Whose certificates are taken for genuine.
  static AuthorityCertificate authority() throws IOException, IdentityException {
    return Holder.AUTHORITY;
  }

  /// What a node knows that has met nobody. It learns of nobody: certificates cannot be made up.
  static Roster roster() {
    return Holder.ROSTER;
  }

  /// A file with some content, the same each time.
  static Path file(byte[] content) throws IOException {
    return Files.write(home().resolve("content"), content);
  }

  private static Path home() {
    return Path.of(System.getProperty(PROPERTY, ""));
  }

  /// An example's bytes.
  static byte[] example(Path home, String name) throws IOException {
    return Files.readAllBytes(home.resolve(name));
  }

  private static Revocation revocation() {
    SortedMap<Long, Cut> cuts = new TreeMap<>();
    cuts.put(1L, new Cut(300, 4));
    cuts.put(2L, new Cut(1, 5));
    var spaces = new TreeMap<SpaceId, SortedMap<Long, Cut>>();
    spaces.put(new SpaceId(6, 7), cuts);
    return new Revocation(new KeyFingerprint(8, 9), 1_700_000_000_000L, spaces);
  }

  private static Transaction transaction() {
    var path = io.starling.crdt.cell.Path.of("k").field("f");
    var value = new Value.Array(List.of(new Value.Text("v"), new Value.Real(0.5)));
    var mutations =
        List.of(
            new Mutation.Set(path, value, ReadRule.ALL),
            new Mutation.Increment(path, -3),
            new Mutation.AddElement(path, value),
            new Mutation.Reset(path, Optional.empty()));
    return Transaction.newBuilder()
        .addAllMutations(mutations.stream().map(WireMutations::write).toList())
        .build();
  }

  /// The rows of a space as a backup keeps them: the number of each part, its key and its value.
  private static byte[] image() {
    var replica = new ReplicaId(new KeyFingerprint(1, 2), 3);
    var id = new CellId.Share(io.starling.crdt.cell.Path.of("k"), replica);
    var share = new Cell.Share(new Tally(1, 0, 5), Tally.NONE);
    return new Encoder()
        .u8(0)
        .bytes(new byte[] {'f'})
        .bytes(new Encoder().varint(1).u64(SPACE.high()).u64(SPACE.low()).toBytes())
        .u8(0)
        .bytes(new Encoder().u8('n').u32(1).toBytes())
        .bytes(new Encoder().replica(replica).toBytes())
        .u8(0)
        .bytes(new Encoder().u8('r').replica(replica).toBytes())
        .bytes(new Encoder().u32(1).toBytes())
        .u8(1)
        .bytes(new Encoder().u8('a').u64(1).toBytes())
        .bytes(new Encoder().bytes(new byte[16]).u8(1).toBytes())
        .u8(2)
        .bytes(new Encoder().replica(replica).u64(1).toBytes())
        .bytes(new byte[40])
        .u8(3)
        .bytes(id.encode(ReplicaForm.FULL))
        .bytes(CellEncoding.encode(share, ReplicaForm.FULL))
        .toBytes();
  }

  private static byte[] block(Path pem, int at) throws IOException {
    var matcher = BLOCK.matcher(Files.readString(pem));
    for (int i = 0; i <= at; i++) {
      if (!matcher.find()) {
        throw new IOException(pem + " has no block " + at);
      }
    }
    return Base64.getMimeDecoder().decode(matcher.group(1));
  }

  /// Read once, when first asked for.
  private static final class Holder {
    private static final AuthorityCertificate AUTHORITY = read();

    private static final Roster ROSTER = open();

    private static Roster open() {
      var node = home().resolve("node");
      try {
        return Roster.open(node, NodeIdentity.open(node));
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      } catch (IdentityException unusable) {
        throw new AssertionError("the node that was just made", unusable);
      }
    }

    private static AuthorityCertificate read() {
      try {
        return AuthorityCertificate.read(home().resolve("authority").resolve("authority.pem"));
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      } catch (IdentityException unusable) {
        throw new AssertionError("the authority that was just made", unusable);
      }
    }
  }
}

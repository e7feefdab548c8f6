package io.starling.node.receipt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.identity.Authorities;
import io.starling.node.identity.AuthorityCertificate;
import io.starling.node.identity.ClusterInit;
import io.starling.node.identity.NodeIdentity;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Token;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a receipt proves where an origin has two branches.
final class VerificationTest {

  @TempDir private Path directory;

  private AuthorityCertificate authority;
  private NodeIdentity member;
  private SpaceId space;

  @BeforeEach
  void begin() throws Exception {
    var cluster = directory.resolve("cluster");
    authority = ClusterInit.create(cluster, "flock");
    var node = directory.resolve("node");
    Authorities.join(cluster, node, "one", Instant.now());
    member = NodeIdentity.open(node.resolve("identity"));
    space = SpaceId.of(authority.cluster(), "main", 0);
  }

  @Test
  void whatAMemberAppliedOfOneBranchSaysNothingOfTheOther() throws Exception {
    var origin = new ReplicaId(member.fingerprint(), 7);
    var other = new ReplicaId(member.fingerprint(), 8);
    var asked = token(new Token.Prefix(origin, 5, 1));
    assertThat(verify(asked, asked).isGood()).isTrue();
    var later = token(new Token.Prefix(origin, 5, 1), new Token.Prefix(other, 1, 3));
    assertThat(verify(asked, later).isGood()).isTrue();
    var branch = token(new Token.Prefix(origin, 5, 2), new Token.Prefix(other, 1, 3));
    var verification = verify(asked, branch);
    assertThat(verification.isGood()).isFalse();
    assertThat(verification.lines().getFirst().flaw()).contains("does not cover");
  }

  @Test
  void aReceiptBeyondTheLimitIsRefusedUnread() {
    assertThatThrownBy(() -> Receipt.parse(new byte[Receipt.BYTES_MAX + 1]))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("more than 8388608 bytes");
    assertThatThrownBy(() -> Receipt.parse(new byte[Receipt.BYTES_MAX]))
        .as("one that is not too large is read, and is no JSON")
        .isInstanceOf(MalformedException.class)
        .hasMessageNotContaining("more than");
  }

  private Token token(Token.Prefix... heads) {
    return new Token(space, List.of(heads));
  }

  private Verification verify(Token about, Token signed) {
    var said =
        new Acknowledgement(
            space, new ReplicaId(member.fingerprint(), 1), Acknowledgement.hash(signed), 1_000);
    byte[] body = said.toBytes();
    var statement =
        new Receipt.Statement(
            "one",
            "here",
            member.certificate().bytes(),
            signed,
            body,
            member.key().sign(SigningDomain.acknowledgement(authority.cluster(), space, body)));
    var receipt = new Receipt(authority.cluster(), "main", about, List.of(statement));
    return Verification.of(receipt, authority);
  }
}

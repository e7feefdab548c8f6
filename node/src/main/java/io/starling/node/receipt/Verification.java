package io.starling.node.receipt;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.identity.AuthorityCertificate;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.NodeCertificate;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Token;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a receipt turns out to prove, by its own bytes and the authority's certificate alone.
///
/// A statement stands if the authority certified its node key, the key signed it for this cluster
/// and space, and it is about a token that covers the receipt's. It proves that the holder of the
/// key said so; when, by that holder's clock. It does not prove that the member still has it.
///
/// @param isGood whether there are statements, all stand, and no member has two
public record Verification(boolean isGood, List<Line> lines) {

  /// What became of one statement.
  ///
  /// @param flaw why it does not stand; empty if it does
  /// @param at when it was made, by the clock of the one who made it; [Instant#EPOCH] if unread
  public record Line(String name, String site, Instant at, String flaw) {

    public boolean stands() {
      return flaw.isEmpty();
    }
  }

  public Verification {
    lines = List.copyOf(lines);
  }

  /// Checks a receipt.
  public static Verification of(Receipt receipt, AuthorityCertificate authority) {
    var lines = new ArrayList<Line>();
    var members = new TreeSet<KeyFingerprint>();
    for (var statement : receipt.statements()) {
      lines.add(check(receipt, statement, authority, members));
    }
    boolean isGood = !lines.isEmpty() && lines.stream().allMatch(Line::stands);
    return new Verification(isGood, lines);
  }

  private static Line check(
      Receipt receipt,
      Receipt.Statement statement,
      AuthorityCertificate authority,
      TreeSet<KeyFingerprint> members) {
    var at = Instant.EPOCH;
    try {
      require(
          receipt.cluster().equals(authority.cluster()),
          "the receipt is of cluster " + receipt.cluster() + ", the authority of another");
      var certificate = NodeCertificate.parse(statement.certificate(), authority);
      var said = Acknowledgement.fromBytes(statement.body());
      at = Instant.ofEpochMilli(said.wallMillis());
      require(
          said.space()
              .equals(SpaceId.of(authority.cluster(), receipt.space(), receipt.generation())),
          "it is about another space than '" + receipt.space() + "'");
      require(said.covers(statement.token()), "it is about another token than the one beside it");
      require(
          covers(statement.token(), receipt.token()),
          "its token does not cover what the receipt is about");
      require(
          said.author().key().equals(certificate.fingerprint()),
          "it is of another node than its certificate");
      var signed =
          SigningDomain.acknowledgement(authority.cluster(), said.space(), statement.body());
      require(certificate.key().verify(signed, statement.signature()), "its signature is not good");
      require(members.add(certificate.fingerprint()), "the same member is named twice");
      return new Line(certificate.name(), certificate.site(), at, "");
    } catch (Flaw | MalformedException | IdentityException flaw) {
      return new Line(statement.name(), statement.site(), at, String.valueOf(flaw.getMessage()));
    }
  }

  // Heads of one seq must be one batch. That a higher seq is of the same branch no token shows.
  private static boolean covers(Token newer, Token older) {
    var heads = new TreeMap<ReplicaId, Token.Prefix>();
    newer.heads().forEach(head -> heads.put(head.replica(), head));
    return newer.space().equals(older.space())
        && older.heads().stream()
            .allMatch(head -> {
              var later = heads.get(head.replica());
              return head.equals(later) || (later != null && later.seq() > head.seq());
            });
  }

  private static void require(boolean holds, String otherwise) throws Flaw {
    if (!holds) {
      throw new Flaw(otherwise);
    }
  }

  private static final class Flaw extends Exception {
    private static final long serialVersionUID = 1;

    Flaw(String message) {
      super(message, null, false, false);
    }
  }
}

package io.starling.node.identity;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.identity.IdentityException.Reason;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.membership.Revocation;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.util.Arrays;

/// A revocation with the signature of the cluster's authority. Whoever has the authority's
/// certificate can tell that it is genuine, whoever passes it on.
///
/// @param body what is signed
public record SignedRevocation(Revocation revocation, byte[] body, byte[] signature) {

  /// Bytes of the binary form, at most.
  public static final int BYTES_MAX = 512 * 1024;

  private static final String ALGORITHM = "SHA256withECDSA";

  public SignedRevocation {
    body = body.clone();
    signature = signature.clone();
  }

  /// Signs a revocation with the key of an authority, and frees the name of the node for another
  /// key.
  ///
  /// @param authority the authority's directory
  /// @throws IdentityException if the key there cannot be used; nothing was changed
  public static SignedRevocation issue(Path authority, Revocation revocation)
      throws IOException, IdentityException {
    return Authority.open(authority).revoke(revocation);
  }

  static SignedRevocation sign(Revocation revocation, ClusterId cluster, TransportKey key) {
    byte[] body = revocation.toBytes();
    try {
      var signature = Signature.getInstance(ALGORITHM);
      signature.initSign(key.secret());
      signature.update(SigningDomain.revocation(cluster, body));
      return new SignedRevocation(revocation, body, signature.sign());
    } catch (GeneralSecurityException impossible) {
      throw new AssertionError("every JDK signs with P-256", impossible);
    }
  }

  /// Reads the binary form and verifies the signature.
  public static SignedRevocation read(byte[] bytes, AuthorityCertificate authority)
      throws IdentityException {
    try {
      var in = new Decoder(bytes);
      byte[] body = in.bytes();
      byte[] signature = in.rest();
      var revocation = Revocation.fromBytes(body);
      if (!isGenuine(body, signature, authority)) {
        throw new IdentityException(
            Reason.FOREIGN_CLUSTER,
            "a revocation that the authority of cluster "
                + authority.cluster()
                + " has not signed");
      }
      return new SignedRevocation(revocation, body, signature);
    } catch (MalformedException | IllegalArgumentException broken) {
      throw new IdentityException(
          Reason.MALFORMED, "a revocation that cannot be read: " + broken.getMessage(), broken);
    }
  }

  private static boolean isGenuine(byte[] body, byte[] signature, AuthorityCertificate authority) {
    try {
      var verifier = Signature.getInstance(ALGORITHM);
      verifier.initVerify(authority.certificate().getPublicKey());
      verifier.update(SigningDomain.revocation(authority.cluster(), body));
      return verifier.verify(signature);
    } catch (GeneralSecurityException malformed) {
      return false;
    }
  }

  /// The binary form.
  public byte[] toBytes() {
    return new Encoder(body.length + signature.length + 8).bytes(body).raw(signature).toBytes();
  }

  @Override
  public boolean equals(Object that) {
    return that instanceof SignedRevocation other
        && Arrays.equals(body, other.body)
        && Arrays.equals(signature, other.signature);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(body) + Arrays.hashCode(signature);
  }
}

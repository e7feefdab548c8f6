package io.starling.node.identity;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.IdentityException.Reason;
import io.starling.replica.port.Signer;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/// A node's Ed25519 key: what it signs batches and beacons with, and what names it. Immutable; safe
/// to use from any thread.
public final class NodeKey implements Signer {

  private static final String PEM_TYPE = "PRIVATE KEY";

  private final byte[] secret;
  private final byte[] encodedPublic;
  private final VerificationKey verification;

  private NodeKey(byte[] secret) throws IdentityException {
    this.secret = secret;
    this.encodedPublic = new byte[VerificationKey.BYTES];
    Ed25519.generatePublicKey(secret, 0, encodedPublic, 0);
    this.verification = VerificationKey.of(encodedPublic);
  }

  /// The key that follows from 32 secret bytes (RFC 8032, 5.1.5).
  public static NodeKey of(byte[] secret) throws IdentityException {
    if (secret.length != Ed25519.SECRET_KEY_SIZE) {
      throw new IdentityException(
          Reason.MALFORMED, "an Ed25519 key has 32 secret bytes, this one " + secret.length);
    }
    return new NodeKey(secret.clone());
  }

  /// A new key.
  public static NodeKey generate() {
    var secret = new byte[Ed25519.SECRET_KEY_SIZE];
    new SecureRandom().nextBytes(secret);
    try {
      return new NodeKey(secret);
    } catch (IdentityException impossible) {
      throw new AssertionError("a secret key always gives a point of prime order", impossible);
    }
  }

  /// Reads a PKCS#8 PEM file that only its owner can read.
  static NodeKey read(Path file) throws IOException, IdentityException {
    var der = Pem.readSecret(file, PEM_TYPE);
    try {
      var content = PrivateKeyInfo.getInstance(der);
      if (!content
          .getPrivateKeyAlgorithm()
          .getAlgorithm()
          .equals(EdECObjectIdentifiers.id_Ed25519)) {
        throw new IdentityException(Reason.MALFORMED, file + " holds a key that is not Ed25519");
      }
      return of(ASN1OctetString.getInstance(content.parsePrivateKey()).getOctets());
    } catch (IllegalArgumentException | IOException broken) {
      throw new IdentityException(Reason.MALFORMED, file + " holds no PKCS#8 key", broken);
    }
  }

  /// Writes the key as PKCS#8 in PEM, readable by its owner only, atomically.
  void write(Path file) throws IOException {
    var content =
        new PrivateKeyInfo(
            new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519), new DEROctetString(secret));
    Pem.writeSecret(file, PEM_TYPE, content.getEncoded());
  }

  @Override
  public byte[] sign(byte[] message) {
    var signature = new byte[Ed25519.SIGNATURE_SIZE];
    Ed25519.sign(secret, 0, encodedPublic, 0, message, 0, message.length, signature, 0);
    return signature;
  }

  /// The public half.
  public VerificationKey verification() {
    return verification;
  }

  public KeyFingerprint fingerprint() {
    return verification.fingerprint();
  }

  @Override
  public boolean equals(Object that) {
    return that instanceof NodeKey key && Arrays.equals(encodedPublic, key.encodedPublic);
  }

  @Override
  public int hashCode() {
    return verification.hashCode();
  }

  /// Only the public half: this ends up in logs.
  @Override
  public String toString() {
    return "NodeKey " + fingerprint();
  }
}

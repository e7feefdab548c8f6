package io.starling.node.identity;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.IdentityException.Reason;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/// The public half of a node's Ed25519 key. A value that exists is no weak key. Immutable; safe to
/// use from any thread.
///
/// A key is refused unless it is the canonical encoding of a point of exactly the prime order: with
/// a point of small order one signature is good for any message. Verification is BouncyCastle's: it
/// refuses S from L on and an R that is not canonical, and checks the equation times the cofactor,
/// so the holder of a key can make signatures that a cofactorless verifier refuses. That is why all
/// nodes use this one, and why what it answers at the edges is frozen in `ed25519-edge-cases.txt`:
/// a batch must be valid on all nodes or on none.
public final class VerificationKey {

  /// Length of the encoded key in bytes.
  public static final int BYTES = Ed25519.PUBLIC_KEY_SIZE;

  /// Length of a signature in bytes.
  public static final int SIGNATURE_BYTES = Ed25519.SIGNATURE_SIZE;

  private final byte[] encoded;
  private final Ed25519.PublicPoint point;
  private final KeyFingerprint fingerprint;

  private VerificationKey(byte[] encoded, Ed25519.PublicPoint point) {
    this.encoded = encoded;
    this.point = point;
    var hash = ByteBuffer.wrap(Sha256.of(encoded));
    this.fingerprint = new KeyFingerprint(hash.getLong(), hash.getLong());
  }

  /// The key with this encoding (RFC 8032, 5.1.2).
  public static VerificationKey of(byte[] encoded) throws IdentityException {
    if (encoded.length != BYTES) {
      throw new IdentityException(
          Reason.MALFORMED, "an Ed25519 key has 32 bytes, this one " + encoded.length);
    }
    var point = Ed25519.validatePublicKeyFullExport(encoded, 0);
    if (point == null) {
      throw new IdentityException(
          Reason.WEAK_KEY, "a weak Ed25519 key: small order or not canonical; make a new one");
    }
    return new VerificationKey(encoded.clone(), point);
  }

  /// Reads what [#toText()] writes.
  static VerificationKey ofText(String text) throws IdentityException {
    try {
      return of(Base64.getUrlDecoder().decode(text));
    } catch (IllegalArgumentException notBase64) {
      throw new IdentityException(
          Reason.MALFORMED, "an Ed25519 key that is not base64url: " + text, notBase64);
    }
  }

  /// The name of the node that holds the key.
  public KeyFingerprint fingerprint() {
    return fingerprint;
  }

  /// Whether the signature is this key's over the message. Never throws, whatever the bytes.
  public boolean verify(byte[] message, byte[] signature) {
    return signature.length == SIGNATURE_BYTES
        && Ed25519.verify(signature, 0, point, message, 0, message.length);
  }

  /// The encoded key.
  public byte[] bytes() {
    return encoded.clone();
  }

  /// The encoded key in base64url without padding.
  String toText() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(encoded);
  }

  @Override
  public boolean equals(Object that) {
    return that instanceof VerificationKey key && Arrays.equals(encoded, key.encoded);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encoded);
  }

  @Override
  public String toString() {
    return fingerprint.toString();
  }
}

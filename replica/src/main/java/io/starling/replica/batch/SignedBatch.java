package io.starling.replica.batch;

/// A batch as it was signed: the received bytes, their signature, and what they say.
///
/// The bytes are kept and relayed as they came, fields that this version does not know included.
///
/// @param batch what `body` decodes to
/// @param hash of `body`
/// @param signature by the author's node key over [SigningDomain#batch] of `body`; whoever holds a
///   value of this type inside the engine may rely on it having been verified
public record SignedBatch(Batch batch, ChainHash hash, byte[] body, byte[] signature) {

  /// Length of a signature in bytes.
  public static final int SIGNATURE_BYTES = 64;

  /// The head of the chain that ends here.
  public Head head() {
    return new Head(batch.replica(), batch.seq(), hash);
  }

  /// Size on the wire and in the log, without framing.
  public int bytes() {
    return body.length + signature.length;
  }
}

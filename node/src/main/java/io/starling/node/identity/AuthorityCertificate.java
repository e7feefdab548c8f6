package io.starling.node.identity;

import io.starling.node.identity.IdentityException.Reason;
import io.starling.replica.batch.ClusterId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;

/// The certificate of a cluster's authority: what every node trusts, and what names the cluster.
///
/// @param certificate self-signed, of a certification authority
/// @param cluster the first 16 bytes of the SHA-256 of its public key, so that a renewed
///   certificate for the same key is the same cluster
/// @param name what people call the cluster
public record AuthorityCertificate(X509Certificate certificate, ClusterId cluster, String name) {

  /// Checks that a certificate is an authority's, made by itself. Not whether it has expired.
  public static AuthorityCertificate of(X509Certificate certificate) throws IdentityException {
    try {
      return checked(certificate);
    } catch (IllegalArgumentException | IllegalStateException unreadable) {
      // Parsers of ASN.1 meet some malformed bytes with unchecked exceptions.
      throw new IdentityException(Reason.MALFORMED, "an unreadable certificate", unreadable);
    }
  }

  private static AuthorityCertificate checked(X509Certificate certificate)
      throws IdentityException {
    try {
      certificate.verify(certificate.getPublicKey());
    } catch (GeneralSecurityException notSelfSigned) {
      throw new IdentityException(
          Reason.MALFORMED,
          "an authority's certificate that it did not sign itself",
          notSelfSigned);
    }
    if (certificate.getBasicConstraints() < 0) {
      throw new IdentityException(Reason.MALFORMED, "a certificate that is not an authority's");
    }
    var id = ByteBuffer.wrap(Sha256.of(X509.publicKeyBytes(certificate)));
    return new AuthorityCertificate(
        certificate, new ClusterId(id.getLong(), id.getLong()), X509.commonName(certificate));
  }

  /// Reads a PEM file with this certificate alone.
  public static AuthorityCertificate read(Path file) throws IOException, IdentityException {
    return of(X509.only(Pem.blocks(Pem.read(file), file), file));
  }

  String pem() {
    return X509.pem(certificate);
  }

  @Override
  public String toString() {
    return "cluster " + name + " (" + cluster + ")";
  }
}

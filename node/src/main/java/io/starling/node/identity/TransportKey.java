package io.starling.node.identity;

import io.starling.node.identity.IdentityException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;

/// An ECDSA P-256 key pair, for TLS and for the authority.
///
/// P-256, because Ed25519 certificates fail with BoringSSL, which many TLS stacks are built on.
record TransportKey(PrivateKey secret, PublicKey open) {

  private static final String PEM_TYPE = "PRIVATE KEY";
  private static final String CURVE = "secp256r1";
  private static final ASN1ObjectIdentifier CURVE_ID = SECObjectIdentifiers.secp256r1;

  static TransportKey generate() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE));
      KeyPair pair = generator.generateKeyPair();
      return new TransportKey(pair.getPrivate(), pair.getPublic());
    } catch (GeneralSecurityException impossible) {
      throw new AssertionError("every JDK has P-256", impossible);
    }
  }

  /// Reads a PKCS#8 PEM file that only its owner can read.
  static TransportKey read(Path file) throws IOException, IdentityException {
    var der = Pem.readSecret(file, PEM_TYPE);
    try {
      var keys = KeyFactory.getInstance("EC");
      var secret = (ECPrivateKey) keys.generatePrivate(new PKCS8EncodedKeySpec(der));
      return new TransportKey(secret, keys.generatePublic(publicHalf(secret)));
    } catch (GeneralSecurityException | IllegalArgumentException | IOException broken) {
      throw new IdentityException(Reason.MALFORMED, file + " holds no P-256 key", broken);
    }
  }

  void write(Path file) throws IOException {
    Pem.writeSecret(file, PEM_TYPE, secret.getEncoded());
  }

  /// Recomputed, because PKCS#8 as the JDK writes it leaves the public half out.
  private static X509EncodedKeySpec publicHalf(ECPrivateKey secret) throws IOException {
    var domain = new ECNamedDomainParameters(CURVE_ID, ECNamedCurveTable.getByOID(CURVE_ID));
    var point = domain.getG().multiply(domain.validatePrivateScalar(secret.getS()));
    SubjectPublicKeyInfo content =
        SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(
            new ECPublicKeyParameters(point.normalize(), domain));
    return new X509EncodedKeySpec(content.getEncoded());
  }

  /// Only that there is one: this ends up in logs.
  @Override
  public String toString() {
    return "TransportKey " + open.getAlgorithm();
  }
}

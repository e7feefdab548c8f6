package io.starling.node.identity;

import io.starling.node.identity.IdentityException.Reason;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/// Certification requests (RFC 2986).
final class Pkcs10 {

  static final String PEM_TYPE = "CERTIFICATE REQUEST";

  private Pkcs10() {}

  /// A request, signed by the key it is for.
  static byte[] create(X500Name subject, TransportKey key, GeneralNames names) {
    try {
      var extensions = new ExtensionsGenerator();
      extensions.addExtension(Extension.subjectAlternativeName, false, names);
      return new JcaPKCS10CertificationRequestBuilder(subject, key.open())
          .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
          .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.secret()))
          .getEncoded();
    } catch (OperatorCreationException | IOException impossible) {
      throw new AssertionError("every JDK signs with P-256", impossible);
    }
  }

  /// Reads a request and checks that it is signed by the key it is for, a P-256 key.
  static PKCS10CertificationRequest parse(byte[] der) throws IdentityException {
    try {
      var request = new PKCS10CertificationRequest(der);
      var key = request.getSubjectPublicKeyInfo();
      if (!SECObjectIdentifiers.secp256r1.equals(key.getAlgorithm().getParameters())) {
        throw new IdentityException(Reason.MALFORMED, "a request for a key that is not P-256");
      }
      if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
        throw new IdentityException(
            Reason.WRONG_KEY, "a request by someone who does not hold the key it is for");
      }
      return request;
    } catch (IOException | OperatorCreationException | PKCSException | RuntimeException broken) {
      throw new IdentityException(Reason.MALFORMED, "not a certification request", broken);
    }
  }

  static PublicKey publicKey(PKCS10CertificationRequest request) throws IdentityException {
    try {
      var content = request.getSubjectPublicKeyInfo().getEncoded();
      return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(content));
    } catch (IOException | GeneralSecurityException broken) {
      throw new IdentityException(Reason.MALFORMED, "a request with a broken key", broken);
    }
  }

  static GeneralNames names(PKCS10CertificationRequest request) throws IdentityException {
    var extensions = request.getRequestedExtensions();
    var names =
        extensions == null
            ? null
            : GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
    if (names == null) {
      throw new IdentityException(Reason.MALFORMED, "a request without names");
    }
    return names;
  }

  /// The Ed25519 key that the request names; not yet proven to be held.
  static VerificationKey boundKey(PKCS10CertificationRequest request) throws IdentityException {
    var bindings = new ArrayList<String>();
    for (var name : names(request).getNames()) {
      if (name.getTagNo() == GeneralName.uniformResourceIdentifier) {
        var uri = ASN1IA5String.getInstance(name.getName()).getString();
        if (KeyBinding.isBinding(uri)) {
          bindings.add(uri);
        }
      }
    }
    return KeyBinding.only(bindings);
  }
}

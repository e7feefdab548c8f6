package io.starling.node.identity;

import io.starling.node.identity.IdentityException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.GeneralName;

/// Reading of X.509 certificates.
final class X509 {

  private static final String PEM_TYPE = "CERTIFICATE";

  private X509() {}

  static X509Certificate parse(byte[] der) throws IdentityException {
    try {
      var in = new ByteArrayInputStream(der);
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    } catch (CertificateException broken) {
      throw new IdentityException(Reason.MALFORMED, "bytes that are no X.509 certificate", broken);
    }
  }

  static X509Certificate only(List<Pem.Block> blocks, Path source) throws IdentityException {
    if (blocks.size() != 1 || !blocks.getFirst().type().equals(PEM_TYPE)) {
      throw new IdentityException(Reason.MALFORMED, source + " is not one certificate in PEM");
    }
    return parse(blocks.getFirst().der());
  }

  static Pem.Block block(X509Certificate certificate) {
    return new Pem.Block(PEM_TYPE, der(certificate));
  }

  static String pem(X509Certificate certificate) {
    return Pem.text(List.of(block(certificate)));
  }

  static byte[] der(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException impossible) {
      throw new AssertionError("a certificate that was parsed has its bytes", impossible);
    }
  }

  /// The SubjectPublicKeyInfo, byte for byte as the certificate has it.
  static byte[] publicKeyBytes(X509Certificate certificate) {
    try {
      return Certificate.getInstance(der(certificate)).getSubjectPublicKeyInfo().getEncoded("DER");
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /// The DNS names that it is good for, in small letters.
  static List<String> hostNames(X509Certificate certificate) {
    try {
      return Optional.ofNullable(certificate.getSubjectAlternativeNames())
          .orElse(List.of())
          .stream()
          .filter(name -> name.getFirst().equals(GeneralName.dNSName))
          .map(name -> name.getLast().toString().toLowerCase(Locale.ROOT))
          .toList();
    } catch (CertificateParsingException broken) {
      throw new IllegalArgumentException("a certificate with broken names", broken);
    }
  }

  static String commonName(X509Certificate certificate) throws IdentityException {
    return part(subject(certificate), BCStyle.CN);
  }

  static X500Name subject(X509Certificate certificate) {
    return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
  }

  static X500Name issuer(X509Certificate certificate) {
    return X500Name.getInstance(certificate.getIssuerX500Principal().getEncoded());
  }

  static X500Name subjectOf(String name, String site) {
    return new X500NameBuilder().addRDN(BCStyle.OU, site).addRDN(BCStyle.CN, name).build();
  }

  static String part(X500Name subject, ASN1ObjectIdentifier type) throws IdentityException {
    var found = subject.getRDNs(type);
    if (found.length != 1 || found[0].isMultiValued()) {
      throw new IdentityException(
          Reason.MALFORMED, "a certificate whose subject has another form: " + subject);
    }
    return IETFUtils.valueToString(found[0].getFirst().getValue());
  }
}

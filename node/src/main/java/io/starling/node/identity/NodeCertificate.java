package io.starling.node.identity;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.IdentityException.Reason;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/// A node's certificate for talking to peers, which also says with which Ed25519 key it signs.
///
/// A value that exists was issued by the authority it was checked against. Whether it is within its
/// time is a question for those who talk to the node ([#checkTime]) and not for those who verify
/// what it signed: the validity of a batch must not depend on when it is looked at.
///
/// @param certificate ECDSA P-256, for client and server
/// @param key what the node signs batches and beacons with
/// @param name what people call the node
/// @param site where it stands
public record NodeCertificate(
    X509Certificate certificate, VerificationKey key, String name, String site) {

  private static final int URI_NAME = 6;

  /// Checks that the authority made this certificate for a node. Not whether it has expired.
  public static NodeCertificate of(X509Certificate certificate, AuthorityCertificate authority)
      throws IdentityException {
    try {
      return checked(certificate, authority);
    } catch (IllegalArgumentException | IllegalStateException unreadable) {
      throw unreadable(unreadable);
    }
  }

  private static NodeCertificate checked(
      X509Certificate certificate, AuthorityCertificate authority) throws IdentityException {
    checkIssuer(certificate, authority);
    checkUse(certificate);
    var subject = X509.subject(certificate);
    return new NodeCertificate(
        certificate,
        boundKey(certificate),
        Label.checked("node", X509.part(subject, BCStyle.CN)),
        Label.checked("site", X509.part(subject, BCStyle.OU)));
  }

  /// Reads the DER form, as peers send it, and checks it like [#of].
  public static NodeCertificate parse(byte[] der, AuthorityCertificate authority)
      throws IdentityException {
    return of(X509.parse(der), authority);
  }

  /// Checks that a certificate was made by an authority.
  static void checkIssuer(X509Certificate certificate, AuthorityCertificate authority)
      throws IdentityException {
    try {
      checkSigned(certificate, authority);
    } catch (IllegalArgumentException | IllegalStateException unreadable) {
      throw unreadable(unreadable);
    }
  }

  private static void checkSigned(X509Certificate certificate, AuthorityCertificate authority)
      throws IdentityException {
    try {
      certificate.verify(authority.certificate().getPublicKey());
    } catch (GeneralSecurityException notOurs) {
      throw new IdentityException(
          Reason.FOREIGN_CLUSTER,
          "a certificate of another cluster: issued by '"
              + X509.issuer(certificate)
              + "', not by the authority of "
              + authority,
          notOurs);
    }
  }

  /// Parsers of ASN.1 meet some malformed bytes with unchecked exceptions, and these are a peer's.
  private static IdentityException unreadable(RuntimeException thrown) {
    return new IdentityException(Reason.MALFORMED, "an unreadable certificate", thrown);
  }

  /// Checks that now is within a certificate's time.
  static void checkTime(X509Certificate certificate, Instant now) throws IdentityException {
    var from = certificate.getNotBefore().toInstant();
    var until = certificate.getNotAfter().toInstant();
    if (now.isBefore(from)) {
      throw new IdentityException(
          Reason.EXPIRED,
          "a certificate that is valid from " + from + " on, and this node's clock says " + now);
    }
    if (now.isAfter(until)) {
      throw new IdentityException(
          Reason.EXPIRED, "a certificate that expired on " + until + "; ask for a new one");
    }
  }

  /// Checks that now is within its time.
  public void checkTime(Instant now) throws IdentityException {
    checkTime(certificate, now);
  }

  public KeyFingerprint fingerprint() {
    return key.fingerprint();
  }

  /// The DER form.
  public byte[] bytes() {
    return X509.der(certificate);
  }

  private static void checkUse(X509Certificate certificate) throws IdentityException {
    if (certificate.getBasicConstraints() >= 0) {
      throw new IdentityException(Reason.MALFORMED, "an authority's certificate, not a node's");
    }
    try {
      var uses = certificate.getExtendedKeyUsage();
      if (uses == null
          || !uses.contains(KeyPurposeId.id_kp_serverAuth.getId())
          || !uses.contains(KeyPurposeId.id_kp_clientAuth.getId())) {
        throw new IdentityException(
            Reason.MALFORMED, "a certificate that is not for talking to peers");
      }
    } catch (CertificateParsingException broken) {
      throw new IdentityException(Reason.MALFORMED, "a certificate with broken uses", broken);
    }
  }

  private static VerificationKey boundKey(X509Certificate certificate) throws IdentityException {
    var bindings = new ArrayList<String>();
    for (var name : alternativeNames(certificate)) {
      if (Integer.valueOf(URI_NAME).equals(name.get(0))
          && name.get(1) instanceof String uri
          && KeyBinding.isBinding(uri)) {
        bindings.add(uri);
      }
    }
    return KeyBinding.only(bindings);
  }

  private static List<List<?>> alternativeNames(X509Certificate certificate)
      throws IdentityException {
    try {
      var names = certificate.getSubjectAlternativeNames();
      return names == null ? List.of() : List.copyOf(names);
    } catch (CertificateParsingException broken) {
      throw new IdentityException(Reason.MALFORMED, "a certificate with broken names", broken);
    }
  }
}

package io.starling.node.identity;

import io.starling.node.identity.IdentityException.Reason;
import io.starling.replica.membership.Revocation;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A cluster's authority: the key that admits nodes. It signs certificates and nothing else, takes
/// no part in a running cluster, and may be kept offline.
///
/// Its directory holds `authority.pem`, `authority-key.pem` (0600) and `issued/`, the certificates
/// it has made, one for each node.
final class Authority {

  private static final int SERIAL_BITS = 127;

  private final Path directory;
  private final TransportKey key;
  private final AuthorityCertificate certificate;

  private Authority(Path directory, TransportKey key, AuthorityCertificate certificate) {
    this.directory = directory;
    this.key = key;
    this.certificate = certificate;
  }

  /// Makes a new authority, and so a new cluster.
  static Authority create(Path directory, String name, Validity validity)
      throws IOException, IdentityException {
    if (Files.exists(IdentityFiles.authorityKey(directory))) {
      throw new IdentityException(
          Reason.OCCUPIED, directory + " already holds a cluster's authority; it stays as it is");
    }
    var subject =
        new X500Name("CN=" + Label.checked("cluster", name) + ",O=Starling cluster authority");
    var key = TransportKey.generate();
    var builder = builder(subject, subject, key.open().getEncoded(), validity);
    var made = AuthorityCertificate.of(sign(authorityExtensions(builder, key), key));
    AtomicFile.createDirectory(directory);
    // The key comes last: until it is there, no authority is.
    AtomicFile.write(IdentityFiles.authority(directory), made.pem());
    key.write(IdentityFiles.authorityKey(directory));
    return new Authority(directory, key, made);
  }

  static Authority open(Path directory) throws IOException, IdentityException {
    var key = TransportKey.read(IdentityFiles.authorityKey(directory));
    var certificate = AuthorityCertificate.read(IdentityFiles.authority(directory));
    if (!key.open().equals(certificate.certificate().getPublicKey())) {
      throw new IdentityException(
          Reason.WRONG_KEY, directory + ": the key is not that of the authority's certificate");
    }
    return new Authority(directory, key, certificate);
  }

  AuthorityCertificate certificate() {
    return certificate;
  }

  /// A certificate for talking to peers, with the signing key bound in.
  ///
  /// A name that another key has is refused: two nodes of one name would not be told apart.
  NodeCertificate admit(JoinRequest request, Validity validity)
      throws IOException, IdentityException {
    var fingerprint = request.key().fingerprint();
    if (Files.exists(IdentityFiles.revoked(directory).resolve(fingerprint + ".pem"))) {
      throw new IdentityException(
          Reason.OCCUPIED,
          "the key "
              + fingerprint
              + " was evicted and is never admitted again; make a new one: member join in an empty"
              + " directory");
    }
    var holder = holderOf(request.name());
    if (holder.isPresent() && !holder.get().key().equals(request.key())) {
      throw new IdentityException(
          Reason.OCCUPIED,
          "a node '"
              + request.name()
              + "' with another key, "
              + holder.get().fingerprint()
              + ", is already a member; choose another name");
    }
    var made = NodeCertificate.of(leaf(request, Use.PEER, validity), certificate);
    var issued = IdentityFiles.issued(directory);
    AtomicFile.createDirectory(issued);
    AtomicFile.write(issued.resolve(made.fingerprint() + ".pem"), X509.pem(made.certificate()));
    return made;
  }

  /// A certificate for serving clients. It binds no signing key, so no peer takes it for a node's.
  X509Certificate serve(JoinRequest request, Validity validity) throws IdentityException {
    return leaf(request, Use.API, validity);
  }

  /// Revokes a key. Its name is free from then on.
  SignedRevocation revoke(Revocation revocation) throws IOException {
    var signed = SignedRevocation.sign(revocation, certificate.cluster(), key);
    var issued = IdentityFiles.issued(directory).resolve(revocation.key() + ".pem");
    if (Files.exists(issued)) {
      var revoked = IdentityFiles.revoked(directory);
      AtomicFile.createDirectory(revoked);
      Files.move(
          issued, revoked.resolve(revocation.key() + ".pem"), StandardCopyOption.REPLACE_EXISTING);
    }
    return signed;
  }

  private enum Use {
    PEER(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth),
    API(KeyPurposeId.id_kp_serverAuth);

    // Immutable, though its type does not say so.
    @SuppressWarnings("ImmutableEnumChecker")
    private final ExtendedKeyUsage purposes;

    Use(KeyPurposeId... purposes) {
      this.purposes = new ExtendedKeyUsage(purposes);
    }
  }

  private X509Certificate leaf(JoinRequest request, Use use, Validity validity)
      throws IdentityException {
    var publicKey =
        switch (use) {
          case PEER -> request.peerKey();
          case API -> request.apiKey();
        };
    var names =
        switch (use) {
          case PEER -> request.peerNames();
          case API -> request.apiNames();
        };
    var issuer = X509.subject(certificate.certificate());
    var subject = X509.subjectOf(request.name(), request.site());
    var builder = builder(issuer, subject, publicKey.getEncoded(), validity);
    try {
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
          .addExtension(Extension.extendedKeyUsage, false, use.purposes)
          .addExtension(Extension.subjectAlternativeName, false, names)
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(key.open()));
    } catch (IOException | GeneralSecurityException impossible) {
      throw new AssertionError("extensions of known form", impossible);
    }
    return sign(builder, key);
  }

  private Optional<NodeCertificate> holderOf(String name) throws IOException, IdentityException {
    var issued = IdentityFiles.issued(directory);
    if (!Files.isDirectory(issued)) {
      return Optional.empty();
    }
    List<Path> files;
    try (var all = Files.newDirectoryStream(issued, "*.pem")) {
      files = new ArrayList<>();
      all.forEach(files::add);
    }
    for (var file : files) {
      var known =
          NodeCertificate.of(X509.only(Pem.blocks(Pem.read(file), file), file), certificate);
      if (known.name().equals(name)) {
        return Optional.of(known);
      }
    }
    return Optional.empty();
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, byte[] publicKey, Validity validity) {
    return new X509v3CertificateBuilder(
        issuer,
        new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(SERIAL_BITS - 1),
        Date.from(validity.from()),
        Date.from(validity.until()),
        subject,
        SubjectPublicKeyInfo.getInstance(publicKey));
  }

  private static X509v3CertificateBuilder authorityExtensions(
      X509v3CertificateBuilder builder, TransportKey key) {
    try {
      return builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
          .addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
          .addExtension(
              Extension.subjectKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key.open()));
    } catch (IOException | GeneralSecurityException impossible) {
      throw new AssertionError("extensions of known form", impossible);
    }
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, TransportKey key)
      throws IdentityException {
    try {
      var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(key.secret());
      return X509.parse(builder.build(signer).getEncoded());
    } catch (OperatorCreationException | IOException impossible) {
      throw new AssertionError("every JDK signs with P-256", impossible);
    }
  }
}

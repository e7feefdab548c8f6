package io.starling.node.identity;

import io.starling.crdt.causal.KeyFingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The node certificates that a node knows: whose signatures it can verify. Safe to use from any
/// thread.
///
/// A batch may come by way of others from a node that was never met, so certificates travel too.
/// They are kept on disk, for after a restart the log still holds batches of nodes that may be gone
/// for good, and whoever catches up from here must be able to verify them. Certificates are not
/// forgotten when they expire: see [NodeCertificate].
public final class Roster {

  /// Most certificates kept; further ones are refused. More nodes than any cluster has.
  public static final int CERTIFICATES_MAX = 4_096;

  private static final Logger LOG = LoggerFactory.getLogger(Roster.class);

  private final Path directory;
  private final AuthorityCertificate authority;
  private final int most;
  private final ConcurrentSkipListMap<KeyFingerprint, NodeCertificate> known =
      new ConcurrentSkipListMap<>();
  private final Set<String> hashes = ConcurrentHashMap.newKeySet();

  /// What became of a certificate.
  public enum Learned {
    /// New, kept, and durable.
    NEW,
    /// Known already, or older than what is known.
    KNOWN,
    /// Valid, but there is no room.
    FULL
  }

  private Roster(Path directory, AuthorityCertificate authority, int most) {
    this.directory = directory;
    this.authority = authority;
    this.most = most;
  }

  /// Opens the roster in a node's directory; the node itself is on it.
  public static Roster open(Path nodeDirectory, NodeIdentity identity)
      throws IOException, IdentityException {
    return open(nodeDirectory, identity, CERTIFICATES_MAX);
  }

  /// @param most certificates that are kept
  static Roster open(Path nodeDirectory, NodeIdentity identity, int most)
      throws IOException, IdentityException {
    var directory = IdentityFiles.roster(nodeDirectory);
    AtomicFile.createDirectory(directory);
    var roster = new Roster(directory, identity.authority(), most);
    var files = new ArrayList<Path>();
    try (var all = Files.newDirectoryStream(directory, "*.pem")) {
      all.forEach(files::add);
    }
    for (var file : files) {
      roster.recall(file);
    }
    roster.learn(identity.certificate());
    return roster;
  }

  /// A file that cannot be read is passed over: peers tell of the certificate again, and a node
  /// must start without them.
  private void recall(Path file) throws IOException {
    try {
      var certificate = X509.only(Pem.blocks(Pem.read(file), file), file);
      keep(NodeCertificate.of(certificate, authority));
    } catch (IdentityException broken) {
      LOG.warn("passed over in the roster: {}: {}", file, broken.getMessage());
    }
  }

  /// The certificate of a node.
  public Optional<NodeCertificate> find(KeyFingerprint key) {
    return Optional.ofNullable(known.get(key));
  }

  /// Takes a certificate in the form in which peers send it.
  ///
  /// @throws IOException if it cannot be kept on disk; it is known until the node stops
  public Learned learn(byte[] der) throws IOException, IdentityException {
    // Peers tell the same ones on every stream: most need no second look.
    return hashes.contains(hash(der))
        ? Learned.KNOWN
        : learn(NodeCertificate.parse(der, authority));
  }

  /// Takes a certificate that was checked against this cluster's authority.
  public synchronized Learned learn(NodeCertificate certificate) throws IOException {
    var before = known.get(certificate.fingerprint());
    if (before == null && known.size() >= most) {
      return Learned.FULL;
    }
    if (before != null && !isNewer(certificate, before)) {
      return Learned.KNOWN;
    }
    keep(certificate);
    AtomicFile.write(
        directory.resolve(certificate.fingerprint() + ".pem"), X509.pem(certificate.certificate()));
    return Learned.NEW;
  }

  /// All that are known, by key.
  public List<NodeCertificate> all() {
    return List.copyOf(known.values());
  }

  private void keep(NodeCertificate certificate) {
    var before = Optional.ofNullable(known.put(certificate.fingerprint(), certificate));
    before.ifPresent(old -> hashes.remove(hash(old.bytes())));
    hashes.add(hash(certificate.bytes()));
  }

  private static String hash(byte[] der) {
    return HexFormat.of().formatHex(Sha256.of(der));
  }

  private static boolean isNewer(NodeCertificate next, NodeCertificate old) {
    return from(next.certificate()) > from(old.certificate());
  }

  private static long from(X509Certificate certificate) {
    return certificate.getNotBefore().getTime();
  }
}

package io.starling.node.identity;

import io.starling.crdt.encoding.Encoder;
import io.starling.node.identity.IdentityException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralNames;

/// A node's request to be admitted: the first step of joining, made on the node.
///
/// The file is PEM: a PKCS#10 request for the certificate towards peers, which names the Ed25519
/// key as the certificate will; one for the certificate towards clients; and a signature of the
/// Ed25519 key over both. So it proves that whoever asks holds all three keys, and holds no secret:
/// it may travel by any way, as long as the operator who invites knows whom it comes from.
///
/// @param name what people call the node
/// @param site where it stands
/// @param addresses host names and addresses that its certificates shall be good for
/// @param key what it signs with
/// @param peerKey what it proves itself to peers with
/// @param apiKey what it proves itself to clients with
public record JoinRequest(
    String name,
    String site,
    List<String> addresses,
    VerificationKey key,
    PublicKey peerKey,
    PublicKey apiKey) {

  private static final String PROOF = "STARLING NODE KEY PROOF";

  public JoinRequest {
    addresses = List.copyOf(addresses);
  }

  /// Makes the keys of a node, where it has none yet, and a request for their certificates.
  ///
  /// Doing it again on a node that has joined asks for new certificates for the same keys.
  ///
  /// @return the file to carry to the authority
  public static Path create(Path nodeDirectory, String name, String site, List<String> addresses)
      throws IOException, IdentityException {
    Label.checked("node", name);
    Label.checked("site", site);
    var names = AlternativeNames.checked(addresses);
    refuseOtherNode(nodeDirectory, name);
    AtomicFile.createDirectory(nodeDirectory);
    var keys = NodeKeys.openOrCreate(nodeDirectory);
    var subject = X509.subjectOf(name, site);
    var binding = KeyBinding.name(keys.signing().verification());
    var peerNames = AlternativeNames.encode(names, Optional.of(binding));
    var peer = Pkcs10.create(subject, keys.peer(), peerNames);
    var apiNames = AlternativeNames.encode(names, Optional.empty());
    var api = Pkcs10.create(subject, keys.api(), apiNames);
    var proof = new Pem.Block(PROOF, keys.signing().sign(provenBytes(peer, api)));
    var file = IdentityFiles.joinRequest(nodeDirectory);
    AtomicFile.write(
        file,
        Pem.text(
            List.of(
                new Pem.Block(Pkcs10.PEM_TYPE, peer), new Pem.Block(Pkcs10.PEM_TYPE, api), proof)));
    return file;
  }

  /// Reads a request and checks that whoever made it holds all its keys.
  public static JoinRequest read(Path file) throws IOException, IdentityException {
    var blocks = Pem.blocks(Pem.read(file), file);
    var types = blocks.stream().map(Pem.Block::type).toList();
    if (!types.equals(List.of(Pkcs10.PEM_TYPE, Pkcs10.PEM_TYPE, PROOF))) {
      throw new IdentityException(Reason.MALFORMED, file + " is not a join request");
    }
    try {
      return checked(blocks, file);
    } catch (IllegalArgumentException | IllegalStateException unreadable) {
      // Parsers of ASN.1 meet some malformed bytes with unchecked exceptions.
      throw new IdentityException(Reason.MALFORMED, file + " is unreadable", unreadable);
    }
  }

  private static JoinRequest checked(List<Pem.Block> blocks, Path file) throws IdentityException {
    var peer = Pkcs10.parse(blocks.get(0).der());
    var api = Pkcs10.parse(blocks.get(1).der());
    var key = Pkcs10.boundKey(peer);
    if (!key.verify(provenBytes(blocks.get(0).der(), blocks.get(1).der()), blocks.get(2).der())) {
      throw new IdentityException(
          Reason.WRONG_KEY, file + ": whoever made it does not hold the signing key it names");
    }
    return new JoinRequest(
        Label.checked("node", X509.part(peer.getSubject(), BCStyle.CN)),
        Label.checked("site", X509.part(peer.getSubject(), BCStyle.OU)),
        AlternativeNames.decode(Pkcs10.names(peer)),
        key,
        Pkcs10.publicKey(peer),
        Pkcs10.publicKey(api));
  }

  GeneralNames peerNames() {
    return AlternativeNames.encode(addresses, Optional.of(KeyBinding.name(key)));
  }

  GeneralNames apiNames() {
    return AlternativeNames.encode(addresses, Optional.empty());
  }

  private static byte[] provenBytes(byte[] peer, byte[] api) {
    return new Encoder().text("starling/join/1").bytes(peer).bytes(api).toBytes();
  }

  private static void refuseOtherNode(Path directory, String name)
      throws IOException, IdentityException {
    if (!Files.exists(IdentityFiles.invitation(directory))) {
      return;
    }
    var member = NodeIdentity.open(directory);
    if (!member.certificate().name().equals(name)) {
      throw new IdentityException(
          Reason.OCCUPIED,
          directory
              + " already is node '"
              + member.certificate().name()
              + "' of "
              + member.authority()
              + "; use another directory for '"
              + name
              + "'");
    }
  }
}

package io.starling.node.identity;

import io.starling.node.identity.IdentityException.Reason;
import java.util.List;
import org.bouncycastle.asn1.x509.GeneralName;

/// The statement, inside a transport certificate, of which Ed25519 key the node signs with.
///
/// It is a URI among the subject alternative names, `starling:node:FINGERPRINT:KEY`, and no
/// extension of our own: a private extension needs a registered arc that this project does not
/// have, while a URI is carried and shown by every X.509 tool and ignored by every TLS stack (the
/// way of SPIFFE). The authority signs it with the rest, after both keys have been proven.
final class KeyBinding {

  private static final String SCHEME = "starling:node:";

  private KeyBinding() {}

  static GeneralName name(VerificationKey key) {
    return new GeneralName(
        GeneralName.uniformResourceIdentifier, SCHEME + key.fingerprint() + ":" + key.toText());
  }

  static boolean isBinding(String uri) {
    return uri.startsWith(SCHEME);
  }

  /// The one binding of a certificate or request.
  static VerificationKey only(List<String> bindings) throws IdentityException {
    if (bindings.size() != 1) {
      throw new IdentityException(
          Reason.MALFORMED, "a certificate that binds " + bindings.size() + " node keys, not one");
    }
    return parse(bindings.getFirst());
  }

  private static VerificationKey parse(String uri) throws IdentityException {
    var parts = uri.substring(SCHEME.length()).split(":", -1);
    if (parts.length != 2) {
      throw new IdentityException(Reason.MALFORMED, "a key binding of another form: " + uri);
    }
    var key = VerificationKey.ofText(parts[1]);
    if (!parts[0].equals(key.fingerprint().toString())) {
      throw new IdentityException(
          Reason.WRONG_KEY, "a key binding whose fingerprint is not that of its key: " + uri);
    }
    return key;
  }
}

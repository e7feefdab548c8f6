package io.starling.node.member;

import io.starling.crdt.causal.KeyFingerprint;
import java.util.List;

/// A member as it describes itself under `members/FINGERPRINT` in `_system`.
///
/// @param certificate the DER form of the certificate that the authority gave its node key, in
///   Base64; whoever relies on it checks it against the authority
/// @param site where it stands, for people
/// @param addresses `host:port` where its peers reach it
/// @param reads the newest version of each form that it reads
public record Member(
    KeyFingerprint key,
    String name,
    String certificate,
    String site,
    List<String> addresses,
    Forms reads) {

  public Member {
    addresses = List.copyOf(addresses);
  }

  /// One that announces nothing of what it reads.
  public Member(
      KeyFingerprint key, String name, String certificate, String site, List<String> addresses) {
    this(key, name, certificate, site, addresses, Forms.NONE);
  }
}

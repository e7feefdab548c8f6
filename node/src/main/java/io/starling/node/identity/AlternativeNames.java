package io.starling.node.identity;

import io.starling.node.identity.IdentityException.Reason;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/// The names and addresses that a certificate is good for.
final class AlternativeNames {

  /// Every node can be reached so from its own machine.
  private static final List<String> LOCAL = List.of("localhost", "127.0.0.1", "::1");

  private static final int NAMES_MAX = 32;
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,252}");

  private AlternativeNames() {}

  /// The local names and those given, each a host name or an IP address; nothing is resolved.
  static List<String> checked(List<String> addresses) throws IdentityException {
    var all = new LinkedHashSet<String>();
    for (var local : LOCAL) {
      all.add(canonical(local));
    }
    for (var address : addresses) {
      all.add(canonical(address));
    }
    if (all.size() > NAMES_MAX) {
      throw new IdentityException(
          Reason.MALFORMED, all.size() + " addresses, at most " + NAMES_MAX + " are allowed");
    }
    return List.copyOf(all);
  }

  static GeneralNames encode(List<String> addresses, Optional<GeneralName> further) {
    var names = new ArrayList<GeneralName>();
    for (var address : addresses) {
      int kind = literal(address).isPresent() ? GeneralName.iPAddress : GeneralName.dNSName;
      names.add(new GeneralName(kind, address));
    }
    further.ifPresent(names::add);
    return new GeneralNames(names.toArray(GeneralName[]::new));
  }

  /// The inverse of [#encode]; names of other kinds are left out.
  static List<String> decode(GeneralNames names) throws IdentityException {
    var addresses = new ArrayList<String>();
    for (var name : names.getNames()) {
      switch (name.getTagNo()) {
        case GeneralName.dNSName ->
            addresses.add(ASN1IA5String.getInstance(name.getName()).getString());
        case GeneralName.iPAddress ->
            addresses.add(address(ASN1OctetString.getInstance(name.getName())));
        default -> {}
      }
    }
    return checked(addresses);
  }

  private static String canonical(String address) throws IdentityException {
    var literal = literal(address);
    if (literal.isPresent()) {
      return literal.get().getHostAddress();
    }
    boolean looksNumeric = address.matches("[0-9.]+|.*:.*");
    if (looksNumeric || !HOST.matcher(address).matches()) {
      throw new IdentityException(
          Reason.MALFORMED, "'" + address + "' is neither a host name nor an IP address");
    }
    return address;
  }

  private static Optional<InetAddress> literal(String address) {
    try {
      return Optional.of(InetAddress.ofLiteral(address));
    } catch (IllegalArgumentException aHostName) {
      return Optional.empty();
    }
  }

  private static String address(ASN1OctetString octets) throws IdentityException {
    try {
      return InetAddress.getByAddress(octets.getOctets()).getHostAddress();
    } catch (UnknownHostException wrongLength) {
      throw new IdentityException(Reason.MALFORMED, "an IP address of a wrong length", wrongLength);
    }
  }
}

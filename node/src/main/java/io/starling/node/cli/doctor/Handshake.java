package io.starling.node.cli.doctor;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateExpiredException;

/// Why nobody could be met at an address.
final class Handshake {

  private Handshake() {}

  /// @param silent what is thought of an address where nobody answers
  static Finding failed(String check, String subject, IOException failed, Verdict silent) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case UnknownHostException _ -> {
          return Finding.fail(
              check, subject, "the name has no address", "correct it, or add it to DNS");
        }
        case ConnectException _ -> {
          return new Finding(
              check,
              subject,
              silent,
              "nothing listens there",
              "start the node, or correct the address; a firewall may also say so");
        }
        case NoRouteToHostException _, SocketTimeoutException _ -> {
          return new Finding(
              check,
              subject,
              silent,
              "no answer",
              "see that the machine is up and that a firewall lets the port through");
        }
        case CertificateExpiredException _ -> {
          return Finding.fail(
              check,
              subject,
              "its certificate has expired",
              "renew it on that node: see docs/enrolment.md");
        }
        default -> {}
      }
    }
    return handshake(check, subject, String.valueOf(failed.getMessage()));
  }

  private static Finding handshake(String check, String subject, String message) {
    if (message.contains("PKIX")) {
      return Finding.fail(
          check,
          subject,
          "its certificate is not by the authority that is trusted here",
          "compare the cluster ids; it is a node of another cluster, or --ca names another's");
    }
    if (message.contains("No subject alternative")) {
      return Finding.fail(
          check,
          subject,
          "its certificate is not for this name or address",
          "use a name it has, or let the node join again with --address for this one");
    }
    if (message.contains("Unsupported or unrecognized")) {
      return Finding.fail(check, subject, "no TLS is spoken there", "see that the port is right");
    }
    return Finding.fail(
        check, subject, "the TLS handshake failed: " + message, "see the log of both ends");
  }
}

package io.starling.node.cli.doctor;

import io.starling.node.cli.survey.Tls;
import io.starling.node.client.Endpoint;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.NodeIdentity;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is thought of a node's keys and certificates, those in its directory and those it shows.
final class CertificateChecks {

  private static final String CHECK = "certificate";
  private static final Duration SOON = Duration.ofDays(30);
  private static final String RENEW =
      "renew it: 'starling member join NODE-DIR --name NAME --address HOST' with the name it has,"
          + " then 'member invite' and 'member join --invitation'; see docs/enrolment.md";

  private CertificateChecks() {}

  /// What was found, and the identity if it can be used.
  record Outcome(List<Finding> findings, Optional<NodeIdentity> identity) {}

  /// Of a node's directory. That key and certificate belong together, and to the authority, is part
  /// of opening them.
  static Outcome of(Installation node, Instant now) throws IOException {
    try {
      var identity = NodeIdentity.open(node.config().identityDirectory());
      var findings = new ArrayList<Finding>();
      findings.add(time(node.name(), "for peers", identity.certificate().certificate(), now));
      findings.add(time(node.name(), "for clients", identity.api().certificate(), now));
      findings.add(time(node.name(), "of the authority", identity.authority().certificate(), now));
      findings.add(name(node, identity));
      return new Outcome(findings, Optional.of(identity));
    } catch (IdentityException wrong) {
      return new Outcome(List.of(refused(node, wrong)), Optional.empty());
    }
  }

  private static Finding refused(Installation node, IdentityException wrong) {
    var todo =
        switch (wrong.reason()) {
          case MISSING -> "let it join: see docs/enrolment.md";
          case EXPOSED -> "chmod 600 it; if anyone else may have read it, make a new node";
          case WRONG_KEY, MALFORMED, WEAK_KEY, FOREIGN_CLUSTER, OCCUPIED, EXPIRED ->
              "restore identity/ from the node's own backup, or let the node join again: see"
                  + " docs/enrolment.md";
        };
    return Finding.fail(CHECK, node.name(), String.valueOf(wrong.getMessage()), todo);
  }

  private static Finding name(Installation node, NodeIdentity identity) {
    var certified = identity.certificate().name();
    var wanted = node.config().name().orElse(certified);
    return wanted.equals(certified)
        ? Finding.ok(CHECK, node.name(), "keys and certificates fit, for the name " + certified)
        : Finding.fail(
            CHECK,
            node.name(),
            "the certificate is for '" + certified + "', and 'name' is '" + wanted + "'",
            "set 'name: " + certified + "' in " + node.file() + ", or leave it out");
  }

  /// Whether now is within a certificate's time, and not near its end.
  static Finding time(String subject, String use, X509Certificate certificate, Instant now) {
    var from = certificate.getNotBefore().toInstant();
    var until = certificate.getNotAfter().toInstant();
    var what = "the certificate " + use;
    if (now.isBefore(from)) {
      return Finding.fail(
          CHECK, subject, what + " is valid from " + from + " on", "set this machine's clock");
    }
    if (now.isAfter(until)) {
      return Finding.fail(CHECK, subject, what + " expired on " + until, RENEW);
    }
    return now.plus(SOON).isAfter(until)
        ? Finding.warn(CHECK, subject, what + " expires on " + until, RENEW)
        : Finding.ok(CHECK, subject, what + " is good until " + until);
  }

  /// Of a node that is reached over the network; nothing if it is silent, which is said elsewhere.
  static Optional<Finding> served(Endpoint endpoint, Instant now) throws IOException {
    var subject = endpoint.toString();
    if (endpoint.authority().isEmpty()) {
      return Optional.of(
          Finding.warn(
              CHECK,
              subject,
              "it is spoken to without TLS",
              "turn on tls.grpc, which is the default"));
    }
    var tls = Tls.trusting(endpoint.authority().get());
    try {
      var certificate = tls.meet(endpoint.host(), endpoint.port(), true);
      return Optional.of(time(subject, "for clients", certificate, now));
    } catch (IOException refused) {
      var finding = Handshake.failed(CHECK, subject, refused, Verdict.WARN);
      return Optional.of(finding).filter(it -> it.verdict() == Verdict.FAIL);
    }
  }
}

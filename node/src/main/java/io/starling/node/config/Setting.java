package io.starling.node.config;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// All that can be configured. A setting's key is its path in `node.yaml`; in the environment it is
/// `STARLING_` and the path in capitals, `STARLING_LISTEN_HTTP` for `listen.http`.
public enum Setting {
  /// What the node is called; its certificate must say the same. Default: what the certificate
  /// says.
  NAME("name"),
  /// Where the node stands, for people. Default: what the certificate says.
  SITE("site"),
  /// Where the node keeps all that is its own. Default: the directory of `node.yaml`.
  DIRECTORY("directory"),
  /// The file in which the node remembers, outside of its store, how far that was. Default:
  /// `witness` in `directory`. On another disk than the store it also tells when that one was set
  /// back.
  WITNESS("witness"),
  /// The address to listen on where none is given with a port. Default: 127.0.0.1.
  LISTEN_HOST("listen.host"),
  /// Where HTTP is served, PORT or HOST:PORT; 0 for any free port. Default: 7410.
  LISTEN_HTTP("listen.http"),
  /// Where gRPC is served to clients. Default: 7411.
  LISTEN_GRPC("listen.grpc"),
  /// Where peers are served. Default: 7412.
  LISTEN_PEER("listen.peer"),
  /// Where peers reach this node, a list of HOST:PORT, as it tells them. Default: `listen.peer`.
  ADDRESSES("addresses"),
  /// Whom to dial, a list of HOST:PORT. Default: those of the invitation.
  PEERS("peers"),
  /// Whether HTTP is spoken over TLS. Default: false. Beyond loopback it must be.
  TLS_HTTP("tls.http"),
  /// Whether gRPC is spoken over TLS. Default: true. Beyond loopback it must be.
  TLS_GRPC("tls.grpc"),
  /// MiB of memory for blocks read from disk, 8 to 65 536. Default: 64. More saves reads from disk.
  CACHE_MEGABYTES("limits.cacheMegabytes"),
  /// MiB of free disk below which writes are refused, 16 to 1 048 576. Default: 128. Less leaves
  /// too little room to compact and to start again.
  FREE_MEGABYTES("limits.freeMegabytes"),
  /// MiB of batches that the log of each space keeps, 1 to 16 777 216. Default: 1 024. Over it the
  /// oldest go, whether all members have them or not. More lets members that were away longer, and
  /// watches, go on where they were.
  BATCHES_KEEP_MEGABYTES("batches.keepMegabytes"),
  /// Days for which batches are kept that not all members have, 1 to 3 650. Default: 30.
  BATCHES_KEEP_DAYS("batches.keepDays"),
  /// Hours for which batches are kept that all members have, 1 to 87 600 and no longer than
  /// `batches.keepDays`. Default: 24. Watches that come back later read the whole state anew.
  BATCHES_KEEP_STABLE_HOURS("batches.keepStableHours"),
  /// What it takes for another member's state to be taken over, where no log reaches back:
  /// `needed`, a third member must confirm it, unless the cluster has but two; `preferred`, it goes
  /// on after a minute though none can; `waived`, what nobody confirmed is also given to others.
  /// Default: needed.
  CATCH_UP_PROOF("catchUp.proof"),
  /// Where backups go: a directory, or `s3://BUCKET/PREFIX`, made by `starling backup init`.
  /// Default: none are made.
  BACKUP_REPOSITORY("backup.repository"),
  /// Where the store of objects is that has the bucket: `https://HOST`, or `http://` on this
  /// machine. Default: Amazon S3.
  BACKUP_S3_ENDPOINT("backup.s3.endpoint"),
  /// The region of the bucket. Default: what `AWS_REGION` or the profile says; with an endpoint,
  /// else `us-east-1`.
  BACKUP_S3_REGION("backup.s3.region"),
  /// Whether the bucket stands in the path, not before the host's name. Default: true with an
  /// endpoint, false without.
  BACKUP_S3_PATH_STYLE("backup.s3.pathStyle"),
  /// The file that holds the passphrase of an encrypted repository. Default: what is in
  /// `STARLING_BACKUP_PASSPHRASE`; without either, the repository must not be encrypted.
  BACKUP_KEY_FILE("backup.keyFile"),
  /// When backups are made, five fields as cron has them, in UTC: `15 2 * * *` is each night at
  /// 2:15. Default: when they are asked for.
  BACKUP_SCHEDULE("backup.schedule"),
  /// MiB that a backup reads of the store in a second at most, 1 to 65 536. Default: 64. More is
  /// done sooner and takes more of the disk and the processor from clients.
  BACKUP_MEGABYTES_PER_SECOND("backup.megabytesPerSecond"),
  /// The form of the log: `text` for people, `json` for programs, an object on each line. Default:
  /// text.
  LOG_FORMAT("log.format"),
  /// Where traces are sent, a collector that takes OTLP over HTTP: `http://HOST:PORT` on this
  /// machine, `https://HOST:PORT` elsewhere. Default: none are made.
  TRACING_OTLP("tracing.otlp"),
  /// Of how many traces in a hundred, 1 to 100, spans are sent; a client's own trace is sent whole.
  /// Default: 100. More costs time on each write.
  TRACING_PERCENT("tracing.percent"),
  /// Whether peers are also found by Hazelcast, and how: `off`, `tcp-ip` by a list, `kubernetes` by
  /// a service. Default: off. Costs about 20 MB and 5 s of processor time at the start.
  HAZELCAST_MODE("discovery.hazelcast.mode"),
  /// Where Hazelcast listens, PORT or HOST:PORT, on loopback or a private address. Default: 7413.
  HAZELCAST_LISTEN("discovery.hazelcast.listen"),
  /// Where Hazelcast listens on other nodes, a list of HOST:PORT; for `tcp-ip`. One that is
  /// reachable is enough.
  HAZELCAST_MEMBERS("discovery.hazelcast.members"),
  /// The DNS name of a headless service; for `kubernetes`. Needs no right to use the API.
  HAZELCAST_SERVICE_DNS("discovery.hazelcast.serviceDns"),
  /// The name of a service, whose endpoints the Kubernetes API is asked for; for `kubernetes`.
  HAZELCAST_SERVICE("discovery.hazelcast.service"),
  /// The namespace of that service. Default: the pod's own.
  HAZELCAST_NAMESPACE("discovery.hazelcast.namespace");

  /// With what the names of settings in the environment begin.
  public static final String ENVIRONMENT_PREFIX = "STARLING_";

  private final String key;

  Setting(String key) {
    this.key = key;
  }

  /// The path in `node.yaml`.
  public String key() {
    return key;
  }

  /// The name in the environment.
  public String variable() {
    var words = key.replaceAll("([a-z])([A-Z])", "$1_$2").replace('.', '_');
    return ENVIRONMENT_PREFIX + words.toUpperCase(Locale.ROOT);
  }

  /// The setting with a key.
  static Optional<Setting> ofKey(String key) {
    return Arrays.stream(values()).filter(it -> it.key.equals(key)).findFirst();
  }

  /// The setting with a name in the environment.
  static Optional<Setting> ofVariable(String variable) {
    return Arrays.stream(values()).filter(it -> it.variable().equals(variable)).findFirst();
  }

  /// The setting, or the section of settings, that a mistyped key most likely means.
  static String nearestKey(String key) {
    return Arrays.stream(values())
        .map(it -> it.key)
        .flatMap(it -> Stream.of(it, it.replaceFirst("\\..*", "")))
        .min(Comparator.comparingInt(it -> distance(it, key)))
        .orElseThrow();
  }

  /// The setting that a mistyped name in the environment most likely means.
  static Setting nearestVariable(String variable) {
    return Arrays.stream(values())
        .min(Comparator.comparingInt(it -> distance(it.variable(), variable)))
        .orElseThrow();
  }

  /// Letters to add, take out or change to make one of the other (Levenshtein).
  private static int distance(String one, String other) {
    var row = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[other.length()];
  }
}

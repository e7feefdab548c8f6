package io.starling.node.config;

import io.starling.node.backup.Schedule;
import io.starling.node.backup.s3.S3Options;
import io.starling.node.backup.s3.S3Place;
import io.starling.node.identity.PeerAddress;
import io.starling.node.logging.LogFormat;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.LogRetention;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Makes a configuration of what was written.
final class SettingReader {

  private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final int PORT_MAX = 65_535;
  private static final int HTTP_PORT = 7_410;
  private static final Pattern DNS_NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,252})");
  private static final int MEMBERS_MAX = 64;

  private final Map<Setting, List<String>> written;

  SettingReader(Map<Setting, List<String>> written) {
    this.written = written;
  }

  /// @param here what paths are relative to
  NodeConfig config(Path here) throws ConfigException {
    var tls = new NodeConfig.Tls(truth(Setting.TLS_HTTP, false), truth(Setting.TLS_GRPC, true));
    var listen =
        new NodeConfig.Listen(
            listen(Setting.LISTEN_HTTP, HTTP_PORT),
            listen(Setting.LISTEN_GRPC, HTTP_PORT + 1),
            listen(Setting.LISTEN_PEER, HTTP_PORT + 2));
    requireTls(Setting.LISTEN_HTTP, listen.http(), Setting.TLS_HTTP, tls.http());
    requireTls(Setting.LISTEN_GRPC, listen.grpc(), Setting.TLS_GRPC, tls.grpc());
    return new NodeConfig(
        label(Setting.NAME),
        label(Setting.SITE),
        directory(here),
        witness(here),
        listen,
        addresses(Setting.ADDRESSES),
        addresses(Setting.PEERS),
        tls,
        new NodeConfig.Sizes(
            number(Setting.CACHE_MEGABYTES, 64, 8, 65_536),
            number(Setting.FREE_MEGABYTES, 128, 16, 1_048_576)),
        retention(),
        proof(),
        logFormat(),
        tracing(),
        hazelcast(),
        backups(here));
  }

  private Optional<NodeConfig.Backups> backups(Path here) throws ConfigException {
    int rate = number(Setting.BACKUP_MEGABYTES_PER_SECOND, 64, 1, 65_536);
    var keyFile = path(Setting.BACKUP_KEY_FILE, here);
    var schedule = schedule();
    var s3 = s3Options();
    var named = one(Setting.BACKUP_REPOSITORY);
    if (named.isPresent() && S3Place.isMeant(named.get())) {
      var place = bucket(named.get(), s3).toString();
      return Optional.of(new NodeConfig.Backups(place, s3, keyFile, rate, schedule));
    }
    if (!s3.equals(S3Options.NONE)) {
      throw new ConfigException(
          "'backup.s3' means nothing where '"
              + Setting.BACKUP_REPOSITORY.key()
              + "' is not s3://BUCKET/PREFIX; take it out, or name a bucket");
    }
    return path(Setting.BACKUP_REPOSITORY, here)
        .map(it -> new NodeConfig.Backups(it.toString(), s3, keyFile, rate, schedule));
  }

  private static S3Place bucket(String location, S3Options s3) throws ConfigException {
    try {
      return S3Place.parse(location, s3);
    } catch (IllegalArgumentException refused) {
      throw new ConfigException(
          "'" + Setting.BACKUP_REPOSITORY.key() + "' " + refused.getMessage(), refused);
    }
  }

  private S3Options s3Options() throws ConfigException {
    return new S3Options(
        s3Option(Setting.BACKUP_S3_ENDPOINT, S3Options::endpoint),
        s3Option(Setting.BACKUP_S3_REGION, S3Options::region),
        one(Setting.BACKUP_S3_PATH_STYLE).isPresent()
            ? Optional.of(truth(Setting.BACKUP_S3_PATH_STYLE, true))
            : Optional.empty());
  }

  private <T> Optional<T> s3Option(Setting setting, Function<String, T> parse)
      throws ConfigException {
    try {
      return one(setting).map(parse);
    } catch (IllegalArgumentException refused) {
      throw new ConfigException("'" + setting.key() + "' " + refused.getMessage(), refused);
    }
  }

  private Optional<Schedule> schedule() throws ConfigException {
    try {
      return one(Setting.BACKUP_SCHEDULE).map(Schedule::parse);
    } catch (IllegalArgumentException refused) {
      throw new ConfigException(
          "'"
              + Setting.BACKUP_SCHEDULE.key()
              + "' must be five fields as cron has them, like '15 2 * * *': "
              + refused.getMessage(),
          refused);
    }
  }

  private Optional<Path> path(Setting setting, Path here) throws ConfigException {
    try {
      return one(setting).map(text -> here.resolve(text).normalize());
    } catch (InvalidPathException broken) {
      throw new ConfigException(
          "'" + setting.key() + "' is no path: " + broken.getMessage(), broken);
    }
  }

  private Proof proof() throws ConfigException {
    var proof = one(Setting.CATCH_UP_PROOF).orElse("needed");
    return switch (proof) {
      case "needed" -> Proof.NEEDED;
      case "preferred" -> Proof.PREFERRED;
      case "waived" -> Proof.WAIVED;
      default ->
          throw new ConfigException(
              "'"
                  + Setting.CATCH_UP_PROOF.key()
                  + "' must be needed, preferred or waived, not "
                  + proof);
    };
  }

  private LogRetention retention() throws ConfigException {
    long megabytes = number(Setting.BATCHES_KEEP_MEGABYTES, 1_024, 1, 1 << 24);
    var age = Duration.ofDays(number(Setting.BATCHES_KEEP_DAYS, 30, 1, 3_650));
    int hours = number(Setting.BATCHES_KEEP_STABLE_HOURS, 24, 1, 87_600);
    var stableAge = Duration.ofHours(hours);
    if (stableAge.compareTo(age) > 0) {
      throw new ConfigException(
          "'"
              + Setting.BATCHES_KEEP_STABLE_HOURS.key()
              + "' is "
              + hours
              + ", longer than the "
              + age.toDays()
              + " days of '"
              + Setting.BATCHES_KEEP_DAYS.key()
              + "'; give that more days, or this fewer hours");
    }
    return new LogRetention(megabytes << 20, age, stableAge);
  }

  private Optional<NodeConfig.Traces> tracing() throws ConfigException {
    int percent = number(Setting.TRACING_PERCENT, 100, 1, 100);
    var collector = one(Setting.TRACING_OTLP);
    if (collector.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new NodeConfig.Traces(Collector.parse(collector.get()), percent));
    } catch (IllegalArgumentException refused) {
      throw new ConfigException(
          "'" + Setting.TRACING_OTLP.key() + "' " + refused.getMessage(), refused);
    }
  }

  private LogFormat logFormat() throws ConfigException {
    var format = one(Setting.LOG_FORMAT).orElse("text");
    return switch (format) {
      case "text" -> LogFormat.TEXT;
      case "json" -> LogFormat.JSON;
      default ->
          throw new ConfigException(
              "'" + Setting.LOG_FORMAT.key() + "' must be text or json, not " + format);
    };
  }

  private Optional<HazelcastConfig> hazelcast() throws ConfigException {
    var mode = one(Setting.HAZELCAST_MODE).orElse("off");
    return switch (mode) {
      // What YAML makes of a plain off.
      case "off", "false" -> Optional.empty();
      case "tcp-ip" -> Optional.of(new HazelcastConfig(hazelcastListen(), members()));
      case "kubernetes" -> Optional.of(new HazelcastConfig(hazelcastListen(), service()));
      default ->
          throw new ConfigException(
              "'"
                  + Setting.HAZELCAST_MODE.key()
                  + "' must be off, tcp-ip or kubernetes, not "
                  + mode);
    };
  }

  private InetSocketAddress hazelcastListen() throws ConfigException {
    var address = listen(Setting.HAZELCAST_LISTEN, HTTP_PORT + 3);
    if (!PrivateAddress.is(address.getAddress())) {
      throw new ConfigException(
          "'"
              + Setting.HAZELCAST_LISTEN.key()
              + "' is "
              + address.getHostString()
              + ", but Hazelcast has neither TLS nor passwords here: name an address of this"
              + " machine that is loopback or private (10.x, 172.16-31.x, 192.168.x, 100.64-127.x,"
              + " fc00::/7)");
    }
    if (address.getPort() == 0) {
      throw new ConfigException(
          "'" + Setting.HAZELCAST_LISTEN.key() + "' needs a port that other nodes can know, not 0");
    }
    return address;
  }

  private HazelcastConfig.Join members() throws ConfigException {
    refuse(
        "tcp-ip",
        Setting.HAZELCAST_SERVICE_DNS,
        Setting.HAZELCAST_SERVICE,
        Setting.HAZELCAST_NAMESPACE);
    var members = addresses(Setting.HAZELCAST_MEMBERS);
    if (members.isEmpty() || members.size() > MEMBERS_MAX) {
      throw new ConfigException(
          "'"
              + Setting.HAZELCAST_MEMBERS.key()
              + "' must name 1 to "
              + MEMBERS_MAX
              + " places where Hazelcast listens, HOST:PORT, not "
              + members.size());
    }
    return new HazelcastConfig.Join.Members(members);
  }

  private HazelcastConfig.Join service() throws ConfigException {
    refuse("kubernetes", Setting.HAZELCAST_MEMBERS);
    var dns = one(Setting.HAZELCAST_SERVICE_DNS);
    var service = label(Setting.HAZELCAST_SERVICE);
    if (dns.isPresent() == service.isPresent()) {
      throw new ConfigException(
          "'"
              + Setting.HAZELCAST_MODE.key()
              + "' kubernetes needs either '"
              + Setting.HAZELCAST_SERVICE_DNS.key()
              + "' or '"
              + Setting.HAZELCAST_SERVICE.key()
              + "'");
    }
    if (service.isPresent()) {
      return new HazelcastConfig.Join.ServiceApi(service.get(), label(Setting.HAZELCAST_NAMESPACE));
    }
    refuse("kubernetes, by serviceDns", Setting.HAZELCAST_NAMESPACE);
    if (!DNS_NAME.matcher(dns.get()).matches()) {
      throw new ConfigException(
          "'" + Setting.HAZELCAST_SERVICE_DNS.key() + "' must be a DNS name, not " + dns.get());
    }
    return new HazelcastConfig.Join.ServiceDns(dns.get());
  }

  /// A setting that would change nothing is a mistake somewhere.
  private void refuse(String mode, Setting... settings) throws ConfigException {
    for (var setting : settings) {
      if (!written.getOrDefault(setting, List.of()).isEmpty()) {
        throw new ConfigException(
            "'"
                + setting.key()
                + "' means nothing where '"
                + Setting.HAZELCAST_MODE.key()
                + "' is "
                + mode
                + "; take it out, or choose another mode");
      }
    }
  }

  private Optional<String> one(Setting setting) throws ConfigException {
    var texts = written.getOrDefault(setting, List.of());
    if (texts.size() > 1) {
      throw new ConfigException("'" + setting.key() + "' must be one value, not " + texts.size());
    }
    return texts.stream().findFirst();
  }

  private Optional<String> label(Setting setting) throws ConfigException {
    var text = one(setting);
    if (text.isPresent() && !LABEL.matcher(text.get()).matches()) {
      throw new ConfigException(
          "'"
              + setting.key()
              + "' must be 1 to 63 of A-Z a-z 0-9 . _ -, beginning with a letter or"
              + " digit, not '"
              + text.get()
              + "'");
    }
    return text;
  }

  private Path directory(Path here) throws ConfigException {
    return path(Setting.DIRECTORY, here).orElse(here);
  }

  private Path witness(Path here) throws ConfigException {
    var unless = directory(here).resolve("witness");
    return path(Setting.WITNESS, here).orElse(unless);
  }

  private boolean truth(Setting setting, boolean unless) throws ConfigException {
    var text = one(setting).orElse(Boolean.toString(unless));
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new ConfigException("'" + setting.key() + "' must be true or false, not " + text);
    };
  }

  private int number(Setting setting, int unless, int least, int most) throws ConfigException {
    var text = one(setting).orElse(Integer.toString(unless));
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      throw new ConfigException(range(setting, least, most, text), notANumber);
    }
    throw new ConfigException(range(setting, least, most, text));
  }

  private static String range(Setting setting, int least, int most, String text) {
    return "'"
        + setting.key()
        + "' must be a number from "
        + least
        + " to "
        + most
        + ", not "
        + text;
  }

  private InetSocketAddress listen(Setting setting, int unless) throws ConfigException {
    var text = one(setting).orElse(Integer.toString(unless));
    int colon = text.lastIndexOf(':');
    var host = colon < 0 ? one(Setting.LISTEN_HOST).orElse("127.0.0.1") : text.substring(0, colon);
    boolean isBracketed = host.startsWith("[") && host.endsWith("]");
    int port = port(setting, text.substring(colon + 1), text);
    var address =
        new InetSocketAddress(isBracketed ? host.substring(1, host.length() - 1) : host, port);
    if (address.isUnresolved() || host.isEmpty()) {
      throw new ConfigException(
          "'" + setting.key() + "': the host '" + host + "' has no address on this machine");
    }
    return address;
  }

  private static int port(Setting setting, String text, String whole) throws ConfigException {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= PORT_MAX) {
        return port;
      }
    } catch (NumberFormatException notANumber) {
      throw notAPort(setting, whole);
    }
    throw notAPort(setting, whole);
  }

  private static ConfigException notAPort(Setting setting, String text) {
    return new ConfigException(
        "'"
            + setting.key()
            + "' must be PORT or HOST:PORT, with a port from 0 to 65535, not "
            + text);
  }

  private static void requireTls(
      Setting setting, InetSocketAddress address, Setting tls, boolean isOn)
      throws ConfigException {
    if (!isOn && !address.getAddress().isLoopbackAddress()) {
      throw new ConfigException(
          "'"
              + setting.key()
              + "' is "
              + address.getHostString()
              + ", which others can reach; set '"
              + tls.key()
              + "' to true, or listen on 127.0.0.1");
    }
  }

  private List<PeerAddress> addresses(Setting setting) throws ConfigException {
    var addresses = new ArrayList<PeerAddress>();
    for (var text : written.getOrDefault(setting, List.of())) {
      try {
        addresses.add(PeerAddress.parse(text));
      } catch (IllegalArgumentException broken) {
        throw new ConfigException("'" + setting.key() + "': " + broken.getMessage(), broken);
      }
    }
    return addresses;
  }
}

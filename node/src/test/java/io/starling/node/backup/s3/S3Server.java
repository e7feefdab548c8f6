package io.starling.node.backup.s3;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/// A server that speaks S3 (S3Proxy), in a process of its own on loopback.
public final class S3Server implements AutoCloseable {

  private static final String KEY = "a-key";
  private static final String SECRET = "a-secret";
  private static final AtomicInteger BUCKETS = new AtomicInteger();
  private static Optional<S3Server> shared = Optional.empty();

  private final Process process;
  private final int port;

  private S3Server(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /// One that keeps all in memory, for all tests of this JVM.
  public static synchronized S3Server shared() throws IOException {
    if (shared.isEmpty()) {
      shared = Optional.of(start(0, Optional.empty()));
    }
    return shared.get();
  }

  /// One of its own, that keeps objects as files.
  ///
  /// @param port 0 for any
  public static S3Server start(int port, Path directory) throws IOException {
    return start(port, Optional.of(directory));
  }

  private static S3Server start(int port, Optional<Path> directory) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                S3ServerProcess.class.getName(),
                Integer.toString(port),
                KEY,
                SECRET));
    directory.ifPresent(it -> command.add(it.toString()));
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    var out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    var line = out.readLine();
    if (line == null) {
      throw new IOException("the server did not start");
    }
    return new S3Server(process, Integer.parseInt(line.strip()));
  }

  /// Where it listens.
  public int port() {
    return port;
  }

  /// Where it is.
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /// What a process has in its environment that may ask it.
  public Map<String, String> environment() {
    return Map.of("AWS_ACCESS_KEY_ID", KEY, "AWS_SECRET_ACCESS_KEY", SECRET);
  }

  /// Makes a bucket that nobody else has in this JVM.
  public String bucket() {
    var name = "bucket-" + BUCKETS.incrementAndGet();
    try (var client = client()) {
      client.createBucket(it -> it.bucket(name));
    }
    return name;
  }

  S3Client client() {
    return S3Client.builder()
        .endpointOverride(endpoint())
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY, SECRET)))
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .forcePathStyle(true)
        .build();
  }

  S3Options options() {
    return new S3Options(Optional.of(endpoint()), Optional.empty(), Optional.empty());
  }

  S3Place place(String location) {
    return S3Place.parse(location, options());
  }

  /// Objects below a prefix of a bucket.
  public S3Blobs blobs(String location) throws IOException {
    return new S3Blobs(place(location), environment());
  }

  /// Ends it as a power loss would.
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}

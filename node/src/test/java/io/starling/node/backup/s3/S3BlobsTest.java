package io.starling.node.backup.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.starling.node.backup.repository.Blobs;
import io.starling.node.backup.repository.BlobsContract;
import io.starling.node.backup.repository.Lease;
import io.starling.node.backup.repository.Passphrase;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryContract;
import io.starling.node.backup.repository.RepositoryException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class S3BlobsTest implements BlobsContract, RepositoryContract {

  @TempDir private Path directory;
  private S3Server server;
  private String location;

  @BeforeEach
  void bucket() throws Exception {
    server = S3Server.shared();
    location = "s3://" + server.bucket() + "/some/where";
  }

  @Override
  public Blobs blobs() throws IOException {
    return server.blobs(location);
  }

  private static String failure(S3Place place, Map<String, String> environment) {
    try (var blobs = new S3Blobs(place, environment)) {
      Repository.open(blobs, Optional.empty(), InstantSource.system());
    } catch (IOException failed) {
      assertThat(failed).isInstanceOf(RepositoryException.class);
      return String.valueOf(failed.getMessage());
    }
    throw new AssertionError("it was opened");
  }

  @Test
  void whatIsOutsideOfThePrefixIsNotTouched() throws Exception {
    var bucket = server.bucket();
    try (var one = server.blobs("s3://" + bucket + "/one");
        var more = server.blobs("s3://" + bucket + "/one-more");
        var whole = server.blobs("s3://" + bucket)) {
      one.prepare();
      one.put("chunks/ab/abcd", new byte[1]);
      more.prepare();
      more.put("chunks/ab/abcd", new byte[2]);
      one.delete("chunks/ab/abcd");
      one.list(
          "",
          (name, _) -> {
            throw new AssertionError(name);
          });
      assertThat(more.get("chunks/ab/abcd", 2)).hasSize(2);
      assertThatThrownBy(whole::prepare).hasMessageContaining("is not empty");
      var seen = new TreeMap<String, Long>();
      whole.list("", seen::put);
      assertThat(seen).containsOnlyKeys("one-more/chunks/ab/abcd");
    }
  }

  @Test
  void whatIsWrongIsSaidInOneSentence() throws Exception {
    var good = server.environment();
    assertThat(failure(server.place(location), good))
        .contains("there is no repository at " + location);
    assertThat(failure(server.place("s3://no-such-bucket/p"), good))
        .isEqualTo(
            "there is no bucket 'no-such-bucket' at "
                + server.endpoint()
                + "; make it, or name another");
    var secret = new TreeMap<>(good);
    secret.put("AWS_SECRET_ACCESS_KEY", "wrong");
    assertThat(failure(server.place(location), secret))
        .isEqualTo(
            server.endpoint()
                + " refuses the credentials: the secret key is not that of the access key");
    var key = new TreeMap<>(good);
    key.put("AWS_ACCESS_KEY_ID", "unknown");
    assertThat(failure(server.place(location), key)).contains("does not know the access key");
    assertThat(failure(server.place(location), Map.of()))
        .contains("there are no credentials for " + location)
        .contains("AWS_ACCESS_KEY_ID");
    assertThat(failure(server.place(location), Map.of("AWS_ACCESS_KEY_ID", "a")))
        .contains("only one of");
    assertThat(failure(S3Place.parse(location, S3Options.NONE), good))
        .contains("nothing says in which region");
    int free;
    try (var taken = new ServerSocket(0)) {
      free = taken.getLocalPort();
    }
    var nobody = options(URI.create("http://127.0.0.1:" + free));
    assertThat(failure(S3Place.parse(location, nobody), good))
        .isEqualTo("nothing answers at http://127.0.0.1:" + free);
    var encrypted = options(URI.create("https://127.0.0.1:" + server.port()));
    assertThat(failure(S3Place.parse(location, encrypted), good))
        .contains("TLS with https://127.0.0.1:" + server.port() + " failed");
  }

  private static S3Options options(URI endpoint) {
    return new S3Options(Optional.of(endpoint), Optional.empty(), Optional.empty());
  }

  @Test
  void credentialsComeFromTheEnvironmentOrAProfile() throws Exception {
    var file =
        Files.writeString(
            directory.resolve("credentials"),
            """
            [default]
            aws_access_key_id = wrong
            aws_secret_access_key = wrong

            [backups]
            aws_access_key_id = %s
            aws_secret_access_key = %s
            """
                .formatted(
                    server.environment().get("AWS_ACCESS_KEY_ID"),
                    server.environment().get("AWS_SECRET_ACCESS_KEY")));
    var named = Map.of("AWS_SHARED_CREDENTIALS_FILE", file.toString(), "AWS_PROFILE", "backups");
    try (var blobs = new S3Blobs(server.place(location), named)) {
      blobs.prepare();
    }
    assertThat(failure(server.place(location), Map.of("AWS_SHARED_CREDENTIALS_FILE", "" + file)))
        .contains("does not know the access key");
    Files.createDirectory(directory.resolve(".aws"));
    Files.copy(file, directory.resolve(".aws/credentials"));
    var home = Map.of("HOME", directory.toString(), "AWS_PROFILE", "backups");
    try (var blobs = new S3Blobs(server.place(location), home)) {
      blobs.prepare();
    }
    assertThat(failure(server.place(location), Map.of("AWS_SHARED_CREDENTIALS_FILE", "/none")))
        .contains("the profiles in /none cannot be read");
  }

  @Test
  void aWriteThatFailsFailsTheBackupAndNotOnlyThat() throws Exception {
    try (var repository = Repository.create(blobs(), Optional.empty(), InstantSource.system());
        var client = server.client()) {
      var lease = repository.lease("n");
      client.listObjectsV2Paginator(it -> it.bucket(bucketName())).contents().stream()
          .forEach(object -> client.deleteObject(it -> it.bucket(bucketName()).key(object.key())));
      client.deleteBucket(it -> it.bucket(bucketName()));
      byte[] chunk = {1};
      repository.put(repository.name(chunk), chunk);
      assertThatThrownBy(() -> repository.publish(lease, InstantSource.system().instant(), chunk))
          .isInstanceOf(RepositoryException.class)
          .hasMessageContaining("there is no bucket");
      assertThatThrownBy(() -> repository.put(repository.name(chunk), chunk))
          .hasMessageContaining("cannot be written: there is no bucket");
    }
  }

  private String bucketName() {
    return server.place(location).bucket();
  }

  @Test
  void namesTellNothingWhereItIsEncrypted() throws Exception {
    var secret = Optional.of(new Passphrase("open, sesame"));
    byte[] chunk = new byte[1_000];
    try (var repository = Repository.create(blobs(), secret, InstantSource.system());
        var plain =
            Repository.create(
                server.blobs("s3://" + server.bucket()),
                Optional.empty(),
                InstantSource.system())) {
      assertThat(repository.name(chunk)).isNotEqualTo(plain.name(chunk));
      repository.put(repository.name(chunk), chunk);
      repository.settle();
      assertThat(repository.chunk(repository.name(chunk))).isEqualTo(chunk);
    }
  }

  @Test
  void aServerThatFailsIsAskedSeveralTimes() throws Exception {
    var asked = new AtomicInteger();
    var broken = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    broken.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          exchange.sendResponseHeaders(500, -1);
          exchange.close();
        });
    broken.start();
    try {
      var there = options(URI.create("http://127.0.0.1:" + broken.getAddress().getPort()));
      assertThat(failure(S3Place.parse(location, there), server.environment()))
          .contains("answered s3:GetObject with 500");
      assertThat(asked).hasValue(S3Blobs.TRIES_MAX);
    } finally {
      broken.stop(0);
    }
  }

  @Test
  void aRequestIsGivenUpBeforeALeaseIs() {
    assertThat(S3Blobs.TRY_MAX.plus(S3Blobs.CALL_MAX)).isLessThanOrEqualTo(Lease.HOLD);
    assertThat(S3Blobs.SILENCE_MAX).isLessThan(S3Blobs.TRY_MAX);
  }
}

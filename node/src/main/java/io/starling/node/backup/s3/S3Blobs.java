package io.starling.node.backup.s3;

import io.starling.node.backup.repository.Blobs;
import io.starling.node.backup.repository.RepositoryException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// Objects below a prefix of a bucket.
///
/// An object is one request, so it is there whole or not at all, and durable when it was answered.
/// Each is sent with its MD5, which servers check; what is read is checked by the repository's own
/// hashes. Chunks are sent beside each other ([#REQUESTS_MAX]), and are known to be there when
/// [#settle()] returns.
///
/// It needs of a server that whoever lists or reads after a write was answered sees that write, as
/// Amazon's, MinIO, Ceph within one zone, R2 and Garage have it: leases rest on it. A bucket that
/// is copied elsewhere is used in one place alone.
///
/// `If-None-Match: *` makes [#putNew] one step. A server that does not know it answers 501, and is
/// looked at before; or ignores it, and then of two that write at a time the later one stands: both
/// read what stands there, and the one whose object it is not fails, unless the two are further
/// apart than that.
///
/// A request is tried [#TRIES_MAX] times, with pauses that double; all of it takes [#CALL_MAX] at
/// most, which is less than a lease is held for without a renewal.
public final class S3Blobs implements Blobs {

  /// Most requests that run beside each other.
  public static final int REQUESTS_MAX = 8;

  /// Most bytes that these hold; a larger object goes by itself.
  public static final int REQUEST_BYTES_MAX = 32 << 20;

  /// How often a request is sent at most.
  public static final int TRIES_MAX = 6;

  /// How long a request takes at most, with all tries.
  public static final Duration CALL_MAX = Duration.ofMinutes(5);

  /// How long one try takes at most.
  public static final Duration TRY_MAX = Duration.ofMinutes(2);

  /// How long a server may say nothing.
  public static final Duration SILENCE_MAX = Duration.ofSeconds(30);

  private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
  private static final Duration PAUSE_LEAST = Duration.ofMillis(100);
  private static final Duration PAUSE_MOST = Duration.ofSeconds(20);
  private static final int PRECONDITION_FAILED = 412;
  private static final int CONFLICT = 409;
  private static final int NOT_IMPLEMENTED = 501;

  private final S3Place place;
  private final S3Client client;
  private final Lane lane = new Lane(REQUESTS_MAX, REQUEST_BYTES_MAX);

  /// @param environment as [System#getenv()] gives it; says who asks
  /// @throws RepositoryException if it does not; nothing was asked yet
  public S3Blobs(S3Place place, Map<String, String> environment) throws RepositoryException {
    this.place = place;
    this.client = client(place, new S3Login(place, environment));
  }

  private static S3Client client(S3Place place, S3Login login) throws RepositoryException {
    var builder =
        S3Client.builder()
            .credentialsProvider(login.credentials())
            .region(login.region())
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT_MAX)
                    .socketTimeout(SILENCE_MAX))
            // What is newer than this than the servers of others: sums behind the body, in pieces.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .serviceConfiguration(
                S3Configuration.builder()
                    .chunkedEncodingEnabled(false)
                    .pathStyleAccessEnabled(place.isPathStyle())
                    .build())
            .overrideConfiguration(
                ClientOverrideConfiguration.builder()
                    .apiCallTimeout(CALL_MAX)
                    .apiCallAttemptTimeout(TRY_MAX)
                    .defaultProfileFile(login.file())
                    .defaultProfileName(login.profile())
                    .retryStrategy(tries())
                    .build());
    place.options().endpoint().ifPresent(builder::endpointOverride);
    return builder.build();
  }

  private static StandardRetryStrategy tries() {
    return AwsRetryStrategy.standardRetryStrategy().toBuilder()
        .maxAttempts(TRIES_MAX)
        .backoffStrategy(BackoffStrategy.exponentialDelay(PAUSE_LEAST, PAUSE_MOST))
        .throttlingBackoffStrategy(
            BackoffStrategy.exponentialDelay(PAUSE_LEAST.multipliedBy(10), PAUSE_MOST))
        .build();
  }

  @Override
  public void prepare() throws IOException {
    boolean isTaken;
    try {
      isTaken =
          client
              .listObjectsV2(
                  ListObjectsV2Request.builder()
                      .bucket(place.bucket())
                      .prefix(place.prefix())
                      .maxKeys(1)
                      .build())
              .hasContents();
    } catch (SdkException failed) {
      throw S3Failure.of(place, "s3:ListBucket", failed);
    }
    if (isTaken) {
      throw new RepositoryException(
          place + " is not empty; name a bucket and prefix below which there is nothing");
    }
  }

  @Override
  public void put(String name, byte[] bytes) throws IOException {
    try {
      put(name, bytes, false);
    } catch (SdkException failed) {
      throw S3Failure.of(place, "s3:PutObject", failed);
    }
  }

  private void put(String name, byte[] bytes, boolean isNew) {
    var request =
        PutObjectRequest.builder()
            .bucket(place.bucket())
            .key(place.prefix() + name)
            .contentMD5(md5(bytes));
    client.putObject(
        (isNew ? request.ifNoneMatch("*") : request).build(), RequestBody.fromBytes(bytes));
  }

  @Override
  public void putNew(String name, byte[] bytes) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        put(name, bytes, true);
        break;
      } catch (S3Exception refused) {
        if (refused.statusCode() == PRECONDITION_FAILED) {
          // Perhaps by this very request, whose answer was lost and which was sent again.
          break;
        }
        if (refused.statusCode() == NOT_IMPLEMENTED) {
          putIfNotThere(name, bytes);
          break;
        }
        if (refused.statusCode() != CONFLICT || tries >= TRIES_MAX) {
          throw S3Failure.of(place, "s3:PutObject", refused);
        }
      } catch (SdkException failed) {
        throw S3Failure.of(place, "s3:PutObject", failed);
      }
    }
    if (!find(name, bytes.length).filter(it -> Arrays.equals(it, bytes)).isPresent()) {
      throw new FileAlreadyExistsException(place + "/" + name);
    }
  }

  private void putIfNotThere(String name, byte[] bytes) throws IOException {
    try {
      find(name, bytes.length);
    } catch (NoSuchFileException none) {
      put(name, bytes);
    }
  }

  @Override
  public void putSoon(String name, byte[] bytes) throws IOException {
    lane.begin(bytes.length, () -> put(name, bytes));
  }

  @Override
  public byte[] get(String name, long bytesMax) throws IOException {
    return find(name, bytesMax)
        .orElseThrow(() ->
            new RepositoryException(
                place + "/" + name + " is larger than anything that belongs there"));
  }

  /// An object's bytes; empty if it is larger.
  private Optional<byte[]> find(String name, long bytesMax) throws IOException {
    var request =
        GetObjectRequest.builder().bucket(place.bucket()).key(place.prefix() + name).build();
    try {
      return client.getObject(request, within(bytesMax));
    } catch (S3Exception answered) {
      if (S3Failure.isMissing(answered)) {
        throw new NoSuchFileException(place + "/" + name);
      }
      throw S3Failure.of(place, "s3:GetObject", answered);
    } catch (SdkException failed) {
      throw S3Failure.of(place, "s3:GetObject", failed);
    }
  }

  /// Reads what is not too large; a connection that ends in between is tried again.
  private static ResponseTransformer<GetObjectResponse, Optional<byte[]>> within(long bytesMax) {
    return (response, in) -> {
      long most = Math.min(bytesMax, Integer.MAX_VALUE - Long.BYTES);
      var stated = Optional.ofNullable(response.contentLength());
      // One that comes in pieces does not say how long it is.
      if (stated.isEmpty()) {
        return upTo(in, (int) most);
      }
      if (stated.get() > most) {
        in.abort();
        return Optional.empty();
      }
      return Optional.of(read(in, stated.get().intValue()));
    };
  }

  private static Optional<byte[]> upTo(AbortableInputStream in, int most) {
    try {
      byte[] bytes = in.readNBytes(most);
      if (in.read() < 0) {
        return Optional.of(bytes);
      }
      in.abort();
      return Optional.empty();
    } catch (IOException broken) {
      throw RetryableException.create("the connection ended in between", broken);
    }
  }

  private static byte[] read(AbortableInputStream in, int size) {
    try {
      byte[] bytes = in.readNBytes(size);
      if (bytes.length == size) {
        return bytes;
      }
    } catch (IOException broken) {
      throw RetryableException.create("the connection ended in between", broken);
    }
    throw RetryableException.builder().message("the connection ended in between").build();
  }

  @Override
  public void list(String prefix, Visitor visitor) throws IOException {
    var pages =
        client.listObjectsV2Paginator(
            ListObjectsV2Request.builder()
                .bucket(place.bucket())
                .prefix(place.prefix() + prefix)
                .build());
    try {
      for (var object : pages.contents()) {
        visitor.see(object.key().substring(place.prefix().length()), object.size());
      }
    } catch (SdkException failed) {
      throw S3Failure.of(place, "s3:ListBucket", failed);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    try {
      client.deleteObject(
          DeleteObjectRequest.builder().bucket(place.bucket()).key(place.prefix() + name).build());
    } catch (SdkException failed) {
      throw S3Failure.of(place, "s3:DeleteObject", failed);
    }
  }

  @Override
  public void deleteSoon(String name) throws IOException {
    lane.begin(0, () -> delete(name));
  }

  @Override
  public void settle() throws IOException {
    lane.settle();
  }

  /// Nothing to do: a request that was broken off leaves nothing.
  @Override
  public void tidy(Instant before) {}

  @Override
  public String location() {
    return place.toString();
  }

  @Override
  public void close() {
    lane.close();
    client.close();
  }

  private static String md5(byte[] bytes) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JDK has MD5", impossible);
    }
  }
}

package io.starling.node.backup.s3;

import io.starling.node.backup.repository.RepositoryException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// What a store of objects, or the way there, had against a request, in one sentence for an
/// operator.
final class S3Failure {

  private static final int TEXT_MAX = 300;

  private S3Failure() {}

  /// @param asked what was wanted, as policies call it: `s3:PutObject`
  static RepositoryException of(S3Place place, String asked, SdkException failed) {
    return new RepositoryException(sentence(place, asked, failed), failed);
  }

  private static String sentence(S3Place place, String asked, SdkException failed) {
    return failed instanceof S3Exception answered
        ? answer(place, asked, answered)
        : silence(place, failed);
  }

  static String code(S3Exception answered) {
    return Optional.ofNullable(answered.awsErrorDetails())
        .map(AwsErrorDetails::errorCode)
        .orElse("");
  }

  private static String answer(S3Place place, String asked, S3Exception answered) {
    var server = server(place);
    return switch (code(answered)) {
      case "NoSuchBucket" ->
          "there is no bucket '" + place.bucket() + "' at " + server + "; make it, or name another";
      case "InvalidAccessKeyId" -> server + " does not know the access key that was given";
      case "SignatureDoesNotMatch" ->
          server + " refuses the credentials: the secret key is not that of the access key";
      case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired" ->
          "the session token for " + server + " has expired; get a new one";
      case "InvalidToken" -> server + " refuses the session token";
      case "RequestTimeTooSkewed", "RequestExpired" ->
          "the clock of this machine is not that of " + server + "; set the one that is wrong";
      case "PermanentRedirect",
          "TemporaryRedirect",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException" ->
          "bucket '"
              + place.bucket()
              + "' is in another region"
              + region(answered).map(it -> ", " + it).orElse("")
              + ": set backup.s3.region or --s3-region";
      case "SlowDown", "ServiceUnavailable", "TooManyRequests" ->
          server + " has too much to do, and said so several times; try it later";
      case "EntityTooLarge" -> server + " takes no object of that size";
      case "QuotaExceeded", "QuotaExceededException", "XMinioStorageFull", "InsufficientStorage" ->
          "there is no room left in bucket '" + place.bucket() + "' at " + server;
      case "BadDigest", "InvalidDigest" ->
          "what was sent did not arrive at " + server + " as it was";
      default -> byStatus(place, asked, answered);
    };
  }

  private static String byStatus(S3Place place, String asked, S3Exception answered) {
    return switch (answered.statusCode()) {
      case 301, 307 ->
          "bucket '"
              + place.bucket()
              + "' is elsewhere: set the region or the endpoint that it has";
      case 401, 403 ->
          "access was denied: the credentials that were given may not " + asked + " in " + place;
      case 507 -> "there is no room left in bucket '" + place.bucket() + "' at " + server(place);
      default ->
          server(place)
              + " answered "
              + asked
              + " with "
              + answered.statusCode()
              + " "
              + line(
                  code(answered)
                      + Optional.ofNullable(answered.awsErrorDetails())
                          .map(it -> ": " + it.errorMessage())
                          .orElse(""));
    };
  }

  private static Optional<String> region(S3Exception answered) {
    return Optional.ofNullable(answered.awsErrorDetails())
        .map(AwsErrorDetails::sdkHttpResponse)
        .flatMap(it -> it.firstMatchingHeader("x-amz-bucket-region"))
        .filter(it -> it.matches("[A-Za-z0-9-]{1,64}"));
  }

  private static String silence(S3Place place, SdkException failed) {
    var server = server(place);
    if (failed instanceof AbortedException) {
      return "it was stopped";
    }
    if (failed instanceof ApiCallTimeoutException
        || failed instanceof ApiCallAttemptTimeoutException) {
      return server + " did not answer in time";
    }
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case UnknownHostException _ -> {
          return "the host of " + server + " has no address";
        }
        case ConnectException _ -> {
          return "nothing answers at " + server;
        }
        case NoRouteToHostException _ -> {
          return "there is no way to " + server;
        }
        case SocketTimeoutException _ -> {
          return server + " did not answer in time";
        }
        case SSLException tls -> {
          return "TLS with "
              + server
              + " failed: "
              + line(String.valueOf(tls.getMessage()))
              + "; an authority of your own must be in the trust store of the JDK";
        }
        default -> {}
      }
    }
    return "the connection to " + server + " failed: " + line(String.valueOf(failed.getMessage()));
  }

  private static String server(S3Place place) {
    return place.options().endpoint().map(Object::toString).orElse("Amazon S3");
  }

  /// What others wrote, on one line and of bounded length.
  private static String line(String text) {
    var line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() <= TEXT_MAX ? line : line.substring(0, TEXT_MAX) + "…";
  }

  /// Whether a failure says that an object is not there, not its bucket.
  static boolean isMissing(S3Exception answered) {
    return answered.statusCode() == 404
        && !code(answered).toLowerCase(Locale.ROOT).contains("bucket");
  }
}

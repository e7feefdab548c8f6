package io.starling.node.backup.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// What is said of answers that the server of the tests does not give.
final class S3FailureTest {

  private static final S3Place PLACE =
      S3Place.parse(
          "s3://bucket/p",
          new S3Options(
              Optional.of(S3Options.endpoint("https://s3.example")),
              Optional.empty(),
              Optional.empty()));

  private static S3Exception answer(int status, String code, String message) {
    var response =
        SdkHttpFullResponse.builder()
            .statusCode(status)
            .putHeader("x-amz-bucket-region", "eu-central-1")
            .build();
    return (S3Exception)
        S3Exception.builder()
            .statusCode(status)
            .awsErrorDetails(
                AwsErrorDetails.builder()
                    .errorCode(code)
                    .errorMessage(message)
                    .sdkHttpResponse(response)
                    .build())
            .build();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "403 | AccessDenied | access was denied: the credentials that were given may not"
            + " s3:PutObject in s3://bucket/p",
        "403 | RequestTimeTooSkewed | the clock of this machine is not that of https://s3.example;"
            + " set the one that is wrong",
        "301 | PermanentRedirect | bucket 'bucket' is in another region, eu-central-1: set"
            + " backup.s3.region or --s3-region",
        "400 | AuthorizationHeaderMalformed | bucket 'bucket' is in another region, eu-central-1:"
            + " set backup.s3.region or --s3-region",
        "400 | ExpiredToken | the session token for https://s3.example has expired; get a new one",
        "503 | SlowDown | https://s3.example has too much to do, and said so several times; try it"
            + " later",
        "507 | XMinioStorageFull | there is no room left in bucket 'bucket' at https://s3.example",
        "400 | BadDigest | what was sent did not arrive at https://s3.example as it was",
        "418 | Odd | https://s3.example answered s3:PutObject with 418 Odd: two lines"
      })
  void anAnswerIsSaidInOneSentence(int status, String code, String said) {
    var failure = S3Failure.of(PLACE, "s3:PutObject", answer(status, code, "two\n lines"));
    assertThat(failure).hasMessage(said);
  }

  @Test
  void whatOthersWroteIsBounded() {
    var failure = S3Failure.of(PLACE, "s3:GetObject", answer(418, "Odd", "x".repeat(10_000)));
    assertThat(failure.getMessage()).hasSizeLessThan(400);
  }

  @Test
  void silenceIsSaidInOneSentence() {
    var unknown = SdkClientException.create("a", new UnknownHostException("s3.example"));
    assertThat(S3Failure.of(PLACE, "s3:GetObject", unknown))
        .hasMessage("the host of https://s3.example has no address");
    var late = SdkClientException.create("a", new SocketTimeoutException("Read timed out"));
    assertThat(S3Failure.of(PLACE, "s3:GetObject", late))
        .hasMessage("https://s3.example did not answer in time");
  }

  @Test
  void aMissingObjectIsNotAMissingBucket() {
    assertThat(S3Failure.isMissing(answer(404, "NoSuchKey", ""))).isTrue();
    assertThat(S3Failure.isMissing(answer(404, "NoSuchBucket", ""))).isFalse();
    assertThat(S3Failure.isMissing(answer(403, "AccessDenied", ""))).isFalse();
  }
}

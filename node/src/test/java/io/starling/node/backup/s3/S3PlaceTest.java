package io.starling.node.backup.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class S3PlaceTest {

  private static S3Place parse(String location) {
    return S3Place.parse(location, S3Options.NONE);
  }

  @Test
  void aPlaceIsABucketAndAPrefix() {
    assertThat(parse("s3://bucket")).isEqualTo(new S3Place("bucket", "", S3Options.NONE));
    assertThat(parse("s3://bucket/")).isEqualTo(parse("s3://bucket"));
    assertThat(parse("s3://my.bucket-1/a/b_c"))
        .isEqualTo(new S3Place("my.bucket-1", "a/b_c/", S3Options.NONE))
        .isEqualTo(parse("s3://my.bucket-1/a/b_c/"))
        .hasToString("s3://my.bucket-1/a/b_c");
    assertThat(S3Place.isMeant("s3://b")).isTrue();
    assertThat(S3Place.isMeant("S3:b")).isTrue();
    assertThat(S3Place.isMeant("/mnt/s3")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3:bucket",
        "S3://bucket",
        "s3://",
        "s3://ab",
        "s3://-ab",
        "s3://user:secret@bucket",
        "s3://bucket?x",
        "s3://bucket//a",
        "s3://bucket/a//b",
        "s3://bucket/../a",
        "s3://bucket/a/..",
        "s3://bucket/.",
        "s3://bucket/a b",
        "s3://bucket/ä"
      })
  void whatIsNoPlaceIsRefused(String location) {
    assertThatThrownBy(() -> parse(location))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("must ");
  }

  @Test
  void aPrefixIsBounded() {
    var longest = "a".repeat(S3Place.PREFIX_BYTES_MAX - 1);
    assertThat(parse("s3://bucket/" + longest).prefix()).hasSize(S3Place.PREFIX_BYTES_MAX);
    assertThatThrownBy(() -> parse("s3://bucket/" + longest + "a"))
        .hasMessageContaining("at most 512");
  }

  @Test
  void aBucketStandsInThePathUnlessItIsAmazons() {
    var endpoint = Optional.of(S3Options.endpoint("https://minio.example:9000"));
    var there = new S3Options(endpoint, Optional.empty(), Optional.empty());
    assertThat(parse("s3://bucket").isPathStyle()).isFalse();
    assertThat(S3Place.parse("s3://bucket", there).isPathStyle()).isTrue();
    var otherwise = new S3Options(endpoint, Optional.of("eu-1"), Optional.of(false));
    assertThat(S3Place.parse("s3://bucket", otherwise).isPathStyle()).isFalse();
  }

  @Test
  void anEndpointIsSpokenToInTheClearOnThisMachineOnly() {
    assertThat(S3Options.endpoint("https://s3.example"))
        .isEqualTo(URI.create("https://s3.example"));
    assertThat(S3Options.endpoint("http://127.0.0.1:9000").getPort()).isEqualTo(9_000);
    assertThat(S3Options.endpoint("http://[::1]:9000").getPort()).isEqualTo(9_000);
    assertThatThrownBy(() -> S3Options.endpoint("http://192.0.2.1:9000"))
        .hasMessageContaining("others can read");
    for (var wrong :
        new String[] {"s3.example", "ftp://a", "https://", "https://u:p@a", "https://a/b", "a b"}) {
      assertThatThrownBy(() -> S3Options.endpoint(wrong)).hasMessageStartingWith("must be https");
    }
    assertThatThrownBy(() -> S3Options.region("a b")).hasMessageStartingWith("must be a region");
  }
}

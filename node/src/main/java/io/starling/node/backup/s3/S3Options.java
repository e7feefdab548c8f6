package io.starling.node.backup.s3;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;

/// How a store of objects is reached.
///
/// @param endpoint where it is, as [#endpoint(String)] makes it; empty for Amazon's own
/// @param region empty for what the environment or the profile says
/// @param isPathStyle whether the bucket stands in the path, not before the host's name; empty for
///   yes where there is an endpoint, no at Amazon
public record S3Options(
    Optional<URI> endpoint, Optional<String> region, Optional<Boolean> isPathStyle) {

  /// Nothing said.
  public static final S3Options NONE =
      new S3Options(Optional.empty(), Optional.empty(), Optional.empty());

  private static final int REGION_LENGTH_MAX = 64;

  public S3Options {
    region.ifPresent(S3Options::region);
  }

  /// An endpoint: `https://HOST[:PORT]`, or `http://` on this machine.
  ///
  /// @throws IllegalArgumentException if it may not be used; the message goes on after its name
  public static URI endpoint(String text) {
    URI address;
    try {
      address = URI.create(text);
    } catch (IllegalArgumentException malformed) {
      throw new IllegalArgumentException(wanted(text), malformed);
    }
    var host = address.getHost();
    boolean isPlain = "http".equals(address.getScheme());
    if (host == null || !(isPlain || "https".equals(address.getScheme())) || hasMore(address)) {
      throw new IllegalArgumentException(wanted(text));
    }
    if (isPlain && !isHere(host)) {
      throw new IllegalArgumentException(
          "is http to " + host + ", where others can read and alter what is sent; use https");
    }
    return address;
  }

  /// A region's name.
  ///
  /// @throws IllegalArgumentException if it cannot be one; the message goes on after its name
  public static String region(String text) {
    if (text.length() > REGION_LENGTH_MAX || !text.matches("[A-Za-z0-9][A-Za-z0-9_-]*")) {
      throw new IllegalArgumentException("must be a region's name like eu-central-1, not " + text);
    }
    return text;
  }

  private static boolean hasMore(URI address) {
    return address.getUserInfo() != null
        || address.getQuery() != null
        || address.getFragment() != null
        || !(address.getPath().isEmpty() || address.getPath().equals("/"));
  }

  private static boolean isHere(String host) {
    try {
      return InetAddress.getByName(host.replaceAll("[\\[\\]]", "")).isLoopbackAddress();
    } catch (UnknownHostException unknown) {
      return false;
    }
  }

  private static String wanted(String text) {
    return "must be https://HOST or https://HOST:PORT, without user and path, not " + text;
  }
}

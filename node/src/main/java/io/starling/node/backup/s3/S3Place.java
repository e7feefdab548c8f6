package io.starling.node.backup.s3;

import java.util.Locale;
import java.util.regex.Pattern;

/// Where a repository is in a store of objects: `s3://BUCKET/PREFIX`.
///
/// @param prefix with what the keys of its objects begin: empty, or ends with `/`
public record S3Place(String bucket, String prefix, S3Options options) {

  /// Most bytes of a prefix; a key has 1 024 at most.
  public static final int PREFIX_BYTES_MAX = 512;

  private static final String SCHEME = "s3://";
  private static final Pattern BUCKET =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]");
  private static final Pattern PREFIX =
      Pattern.compile("[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*");
  private static final Pattern DOTS = Pattern.compile("(.*/)?[.]{1,2}(/.*)?");

  /// Whether a repository's address is one of these, not a directory.
  public static boolean isMeant(String location) {
    return location.toLowerCase(Locale.ROOT).startsWith("s3:");
  }

  /// Reads an address.
  ///
  /// @throws IllegalArgumentException if it is none; the message goes on after the name of the
  ///   setting
  public static S3Place parse(String location, S3Options options) {
    if (!location.startsWith(SCHEME)) {
      throw new IllegalArgumentException("must be s3://BUCKET/PREFIX, not " + location);
    }
    var rest = location.substring(SCHEME.length());
    int slash = rest.indexOf('/');
    var bucket = slash < 0 ? rest : rest.substring(0, slash);
    if (!BUCKET.matcher(bucket).matches()) {
      throw new IllegalArgumentException(
          "must name a bucket of 3 to 63 letters, digits, '.', '_' and '-', as in"
              + " s3://BUCKET/PREFIX, not '"
              + bucket
              + "'");
    }
    var path = slash < 0 ? "" : rest.substring(slash + 1).replaceFirst("/$", "");
    if (path.isEmpty()) {
      return new S3Place(bucket, "", options);
    }
    if (!PREFIX.matcher(path).matches()
        || DOTS.matcher(path).matches()
        || path.length() >= PREFIX_BYTES_MAX) {
      throw new IllegalArgumentException(
          "must have a prefix of at most "
              + PREFIX_BYTES_MAX
              + " letters, digits, single '/' and any of !_.*'()-, not '"
              + path
              + "'");
    }
    return new S3Place(bucket, path + "/", options);
  }

  boolean isPathStyle() {
    return options.isPathStyle().orElse(options.endpoint().isPresent());
  }

  /// What it is called in messages.
  @Override
  public String toString() {
    return SCHEME
        + bucket
        + (prefix.isEmpty() ? "" : "/" + prefix.substring(0, prefix.length() - 1));
  }
}

package io.starling.node.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/// A client's token, `st_ID_SECRET`: the id names its record, the secret proves it.
///
/// The secret has 192 random bits, so a fast salted hash of it is as good as a slow one: there is
/// nothing to guess from.
///
/// @param id 12 of `a-z 0-9`
/// @param secret 32 of base64url
public record BearerToken(String id, String secret) {

  private static final Pattern FORM = Pattern.compile("st_([a-z0-9]{12})_([A-Za-z0-9_-]{32})");
  private static final String ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final int ID_LENGTH = 12;
  private static final int SECRET_BYTES = 24;
  private static final SecureRandom RANDOM = new SecureRandom();

  /// A new token.
  public static BearerToken generate() {
    var id = new StringBuilder();
    for (int i = 0; i < ID_LENGTH; i++) {
      id.append(ID_LETTERS.charAt(RANDOM.nextInt(ID_LETTERS.length())));
    }
    return new BearerToken(id.toString(), random(SECRET_BYTES));
  }

  /// Reads what [#text()] gives; empty if the text is something else.
  public static Optional<BearerToken> parse(String text) {
    var matcher = FORM.matcher(text);
    return matcher.matches()
        ? Optional.of(new BearerToken(matcher.group(1), matcher.group(2)))
        : Optional.empty();
  }

  /// What the client sends. A secret.
  public String text() {
    return "st_" + id + "_" + secret;
  }

  /// What its record says of the secret.
  String hash(String salt) {
    var sha256 = sha256();
    sha256.update(("starling/token/1\0" + salt + "\0").getBytes(StandardCharsets.UTF_8));
    byte[] hash = sha256.digest(text().getBytes(StandardCharsets.UTF_8));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
  }

  static String random(int bytes) {
    var random = new byte[bytes];
    RANDOM.nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JDK has SHA-256", impossible);
    }
  }

  /// Without the secret: this ends up in logs.
  @Override
  public String toString() {
    return "st_" + id + "_…";
  }
}

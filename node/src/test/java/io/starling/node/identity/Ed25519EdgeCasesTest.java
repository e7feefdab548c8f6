package io.starling.node.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.node.identity.IdentityException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class Ed25519EdgeCasesTest {

  private static final HexFormat HEX = HexFormat.of();

  private record Case(String name, String expected, byte[] key, byte[] message, byte[] signature) {

    static Case parse(String line) {
      var parts = line.split("\\|", -1);
      return new Case(
          parts[0].strip(),
          parts[1].strip(),
          HEX.parseHex(parts[2].strip()),
          HEX.parseHex(parts[3].strip()),
          HEX.parseHex(parts[4].strip()));
    }

    String answer() {
      try {
        return VerificationKey.of(key).verify(message, signature) ? "accept" : "reject";
      } catch (IdentityException refused) {
        return "weak";
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> answersAsFrozen() throws IOException {
    return cases().stream()
        .map(edge ->
            DynamicTest.dynamicTest(
                edge.name, () -> assertThat(edge.answer()).isEqualTo(edge.expected)));
  }

  @Test
  void theKeyOfTheCasesIsOurs() throws IOException, IdentityException {
    var secret = new byte[32];
    for (int i = 0; i < secret.length; i++) {
      secret[i] = (byte) i;
    }
    var plain = cases().getFirst();
    var key = NodeKey.of(secret);
    assertThat(key.verification().bytes()).isEqualTo(plain.key);
    assertThat(key.sign(plain.message)).isEqualTo(plain.signature);
  }

  /// RFC 8032, 7.1, TEST 2.
  @Test
  void signsAsTheStandardSays() throws IdentityException {
    var key =
        NodeKey.of(
            HEX.parseHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    assertThat(HEX.formatHex(key.verification().bytes()))
        .isEqualTo("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    assertThat(HEX.formatHex(key.sign(new byte[] {0x72})))
        .isEqualTo(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  }

  @Test
  void weakKeysAreNamedAsSuch() {
    var identity = new byte[32];
    identity[0] = 1;
    assertThatThrownBy(() -> VerificationKey.of(identity))
        .isInstanceOfSatisfying(
            IdentityException.class,
            refused -> assertThat(refused.reason()).isEqualTo(Reason.WEAK_KEY));
  }

  @Test
  void anyChangedByteIsNoticed() {
    var key = NodeKey.generate();
    var message = "state".getBytes(StandardCharsets.UTF_8);
    var signature = key.sign(message);
    for (int i = 0; i < signature.length; i++) {
      var changed = signature.clone();
      changed[i] ^= 1;
      assertThat(key.verification().verify(message, changed)).as("byte " + i).isFalse();
    }
  }

  private static List<Case> cases() throws IOException {
    try (var in =
        Objects.requireNonNull(
            Ed25519EdgeCasesTest.class.getResourceAsStream("ed25519-edge-cases.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(Case::parse)
          .toList();
    }
  }
}

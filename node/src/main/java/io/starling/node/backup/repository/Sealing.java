package io.starling.node.backup.repository;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// How objects of a repository are written: packed, and encrypted if the repository is.
///
/// ```
/// "SB" version packed encrypted        one byte each behind the letters
/// length of what was packed            4 bytes; encrypted with the rest if it is
/// the bytes, deflated or as they are
/// CRC-32 of all before                 4 bytes; not where it is encrypted, which tells as much
/// ```
///
/// Encrypted: AES-256-GCM with a random nonce of 12 bytes before it, a key for each object
/// (HMAC-SHA256 of its name), the name and the head as associated data, so that no object can be
/// put in another's place. Chunks are named by SHA-256 of what is in them; in an encrypted
/// repository by HMAC-SHA256, so that nobody without the key can tell what is there.
///
/// Safe to use from any thread.
final class Sealing {

  static final int KEY_BYTES = 32;

  private static final int VERSION = 1;
  private static final int HEAD_BYTES = 5;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int LEVEL = 4;
  private static final String MAC = "HmacSHA256";

  private final Optional<Keys> keys;
  private final SecureRandom random = new SecureRandom();

  private record Keys(byte[] objects, byte[] names, long seed) {}

  private Sealing(Optional<Keys> keys) {
    this.keys = keys;
  }

  /// Without encryption.
  static Sealing open() {
    return new Sealing(Optional.empty());
  }

  /// With a master key of 32 bytes.
  static Sealing with(byte[] master) {
    var seed = ByteBuffer.wrap(mac(master, "starling backup boundaries")).getLong();
    return new Sealing(
        Optional.of(
            new Keys(
                mac(master, "starling backup objects"),
                mac(master, "starling backup names"),
                seed)));
  }

  /// What decides where chunks end: another number for each key, for lengths tell, too.
  long seed() {
    return keys.map(Keys::seed).orElse(0L);
  }

  /// The name of a chunk.
  ChunkId id(byte[] plain) {
    return ChunkId.of(keys.map(it -> mac(it.names(), plain)).orElseGet(() -> sha256(plain)));
  }

  /// The bytes of an object.
  byte[] seal(String name, byte[] plain) {
    byte[] deflated = deflate(plain);
    boolean isPacked = deflated.length < plain.length;
    byte[] body = isPacked ? deflated : plain;
    byte[] head = {'S', 'B', VERSION, (byte) (isPacked ? 1 : 0), (byte) (keys.isPresent() ? 1 : 0)};
    var content = ByteBuffer.allocate(Integer.BYTES + body.length).putInt(plain.length).put(body);
    if (keys.isEmpty()) {
      int size = HEAD_BYTES + content.capacity();
      var out = ByteBuffer.allocate(size + Integer.BYTES).put(head).put(content.array());
      return out.putInt(sum(out.array(), size)).array();
    }
    var nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] sealed = cipher(Cipher.ENCRYPT_MODE, keys.get(), name, head, nonce, content.array());
    return ByteBuffer.allocate(HEAD_BYTES + NONCE_BYTES + sealed.length)
        .put(head)
        .put(nonce)
        .put(sealed)
        .array();
  }

  /// What [#seal] was given.
  ///
  /// @param bytesMax of the result
  /// @throws RepositoryException if they are not that; the message goes on after the name
  byte[] unseal(String name, byte[] sealed, int bytesMax) throws RepositoryException {
    if (sealed.length < HEAD_BYTES || sealed[0] != 'S' || sealed[1] != 'B') {
      throw new RepositoryException("is damaged: it does not begin as it should");
    }
    if (sealed[2] > VERSION) {
      throw new RepositoryException(
          "is of a newer format, " + sealed[2] + "; this version reads up to " + VERSION);
    }
    boolean isEncrypted = sealed[4] == 1;
    if (isEncrypted != keys.isPresent()
        || sealed[2] < 1
        || (sealed[3] & ~1) != 0
        || (sealed[4] & ~1) != 0) {
      throw new RepositoryException("is damaged: its head does not fit the repository");
    }
    byte[] head = Arrays.copyOf(sealed, HEAD_BYTES);
    byte[] content =
        keys.isPresent()
            ? decrypted(
                keys.get(), name, head, Arrays.copyOfRange(sealed, HEAD_BYTES, sealed.length))
            : summed(sealed);
    if (content.length < Integer.BYTES) {
      throw new RepositoryException("is damaged: it is cut off");
    }
    int length = ByteBuffer.wrap(content).getInt();
    if (length < 0 || length > bytesMax) {
      throw new RepositoryException("is damaged: it says it holds " + length + " bytes");
    }
    byte[] body = Arrays.copyOfRange(content, Integer.BYTES, content.length);
    byte[] plain = sealed[3] == 1 ? inflate(body, length) : body;
    if (plain.length != length) {
      throw new RepositoryException("is damaged: it is cut off");
    }
    return plain;
  }

  private static byte[] summed(byte[] sealed) throws RepositoryException {
    int end = sealed.length - Integer.BYTES;
    if (end < HEAD_BYTES || ByteBuffer.wrap(sealed).getInt(end) != sum(sealed, end)) {
      throw new RepositoryException("is damaged: its sum is wrong");
    }
    return Arrays.copyOfRange(sealed, HEAD_BYTES, end);
  }

  private static int sum(byte[] bytes, int length) {
    var sum = new CRC32();
    sum.update(bytes, 0, length);
    return (int) sum.getValue();
  }

  private static byte[] decrypted(Keys keys, String name, byte[] head, byte[] content)
      throws RepositoryException {
    if (content.length < NONCE_BYTES) {
      throw new RepositoryException("is damaged: it is cut off");
    }
    byte[] nonce = Arrays.copyOf(content, NONCE_BYTES);
    byte[] rest = Arrays.copyOfRange(content, NONCE_BYTES, content.length);
    try {
      return crypt(Cipher.DECRYPT_MODE, keys, name, head, nonce, rest);
    } catch (AEADBadTagException changed) {
      throw new RepositoryException("is damaged, or of another key", changed);
    } catch (GeneralSecurityException broken) {
      throw new RepositoryException("is damaged: it is cut off", broken);
    }
  }

  private static byte[] cipher(
      int mode, Keys keys, String name, byte[] head, byte[] nonce, byte[] content) {
    try {
      return crypt(mode, keys, name, head, nonce, content);
    } catch (GeneralSecurityException impossible) {
      throw new AssertionError("every JDK has AES-GCM", impossible);
    }
  }

  private static byte[] crypt(
      int mode, Keys keys, String name, byte[] head, byte[] nonce, byte[] content)
      throws GeneralSecurityException {
    var cipher = Cipher.getInstance("AES/GCM/NoPadding");
    var key = new SecretKeySpec(mac(keys.objects(), name), "AES");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
    cipher.updateAAD(head);
    return cipher.doFinal(content);
  }

  private static byte[] deflate(byte[] plain) {
    var deflater = new Deflater(LEVEL, true);
    try {
      deflater.setInput(plain);
      deflater.finish();
      var out = new ByteArrayOutputStream(plain.length / 2 + 64);
      var buffer = new byte[64 * 1024];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }

  private static byte[] inflate(byte[] packed, int length) throws RepositoryException {
    var inflater = new Inflater(true);
    try {
      inflater.setInput(packed);
      // One byte of room more, so that what is longer than it says shows.
      var plain = new byte[length + 1];
      int size = 0;
      while (!inflater.finished() && size <= length) {
        int more = inflater.inflate(plain, size, plain.length - size);
        if (more == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          break;
        }
        size += more;
      }
      return Arrays.copyOf(plain, size);
    } catch (DataFormatException broken) {
      throw new RepositoryException("is damaged: it cannot be unpacked", broken);
    } finally {
      inflater.end();
    }
  }

  private static byte[] mac(byte[] key, String text) {
    return mac(key, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] mac(byte[] key, byte[] bytes) {
    try {
      var mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(key, MAC));
      return mac.doFinal(bytes);
    } catch (GeneralSecurityException impossible) {
      throw new AssertionError("every JDK has HMAC-SHA256", impossible);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JDK has SHA-256", impossible);
    }
  }
}

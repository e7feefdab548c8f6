package io.starling.simulation.network;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.security.SignatureException;

/// How nodes sign. All signatures are of 64 bytes, and no trace shows what is in them: a run is the
/// same with either kind.
public enum Signatures {
  /// Hashes with a secret, which cost a hundredth.
  KEYED_HASHES {
    @Override
    Holder holder(byte[] secret) {
      return new Hashing(secret);
    }
  },

  /// Real ones, under keys that are made anew for each run.
  ED25519 {
    @Override
    Holder holder(byte[] secret) {
      return new Signing();
    }
  };

  private static final String ALGORITHM = "Ed25519";

  /// Who has a key.
  interface Holder {
    byte[] sign(byte[] message);

    /// Whether a signature is this one's.
    boolean verify(byte[] message, byte[] signature);
  }

  /// A new holder.
  ///
  /// @param secret drawn for it
  abstract Holder holder(byte[] secret);

  private record Hashing(byte[] secret) implements Holder {
    @Override
    public byte[] sign(byte[] message) {
      try {
        var sha512 = MessageDigest.getInstance("SHA-512");
        sha512.update(secret);
        return sha512.digest(message);
      } catch (NoSuchAlgorithmException impossible) {
        throw new AssertionError("every JDK has SHA-512", impossible);
      }
    }

    @Override
    public boolean verify(byte[] message, byte[] signature) {
      return MessageDigest.isEqual(sign(message), signature);
    }
  }

  private static final class Signing implements Holder {
    private final KeyPair keys;

    Signing() {
      try {
        keys = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
      } catch (NoSuchAlgorithmException impossible) {
        throw new AssertionError("every JDK has Ed25519", impossible);
      }
    }

    @Override
    public byte[] sign(byte[] message) {
      try {
        var signature = Signature.getInstance(ALGORITHM);
        signature.initSign(keys.getPrivate());
        signature.update(message);
        return signature.sign();
      } catch (GeneralSecurityException impossible) {
        throw new AssertionError("a key that signs", impossible);
      }
    }

    @Override
    public boolean verify(byte[] message, byte[] claimed) {
      try {
        var signature = Signature.getInstance(ALGORITHM);
        signature.initVerify(keys.getPublic());
        signature.update(message);
        return signature.verify(claimed);
      } catch (SignatureException malformed) {
        return false;
      } catch (GeneralSecurityException impossible) {
        throw new AssertionError("a key that verifies", impossible);
      }
    }
  }
}

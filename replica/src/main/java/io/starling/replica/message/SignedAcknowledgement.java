package io.starling.replica.message;

/// An [Acknowledgement] as it was signed. Whoever holds one inside the engine may rely on the
/// signature having been verified.
public record SignedAcknowledgement(
    Acknowledgement acknowledgement, byte[] body, byte[] signature) {}

package io.starling.replica.message;

/// A beacon with its bytes and their signature by the author's node key.
///
/// Inside the engine the signature has been verified.
public record SignedBeacon(Beacon beacon, byte[] body, byte[] signature) {}

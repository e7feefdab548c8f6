package io.starling.client;

/// A key and what it reads.
public record Entry(String key, Reading reading) {}

package io.starling.architecture.bad.crdt.model;

/// What only the simulation may run on.
public record AllowedModel(int cells) {}

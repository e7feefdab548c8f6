package io.starling.node.discovery;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.PeerAddress;

/// What this node has its source tell others.
///
/// @param address where its peers reach it; an address, no host name
public record Advertisement(PeerAddress address, KeyFingerprint node, String site) {}

package io.starling.node.discovery;

import java.util.Optional;

/// What a source says of one of its members. Nothing of it need be true, or of any form.
///
/// @param member by what the source itself tells its members apart
/// @param address where the peer is said to listen, `host:port`
/// @param node which peer it is said to be: the fingerprint of its key
/// @param site where it is said to stand; for people
public record Sighting(
    String member, Optional<String> address, Optional<String> node, Optional<String> site) {}

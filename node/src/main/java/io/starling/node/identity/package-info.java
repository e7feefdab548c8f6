/// Who a node is: its Ed25519 signing key, the authority that admits it to a cluster, its transport
/// certificates, and the three steps by which a node joins.
///
/// The only package that knows BouncyCastle; its types do not leave it. Depends on the engine's
/// names ([io.starling.crdt.causal.KeyFingerprint], [io.starling.replica.batch.ClusterId]) and its
/// [io.starling.replica.port.Signer]. Start reading at [io.starling.node.identity.NodeIdentity],
/// then at [io.starling.node.identity.Invitation]. `docs/security.md` is the overview.
@NullMarked
package io.starling.node.identity;

import org.jspecify.annotations.NullMarked;

/// The members of the cluster, as `_system` lists them.
///
/// Depends on `io.starling.node.space`. Start at [io.starling.node.member.Members].
@NullMarked
package io.starling.node.member;

import org.jspecify.annotations.NullMarked;

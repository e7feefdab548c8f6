/// Leaving the cluster for good: handing over what only this node has, stating it, and stopping.
///
/// Depends on `io.starling.node.hosting`, which shuts the doors meanwhile. Start at
/// [io.starling.node.leave.LeaveDesk].
@NullMarked
package io.starling.node.leave;

import org.jspecify.annotations.NullMarked;

/// Which cluster and node a command talks to: a cluster on this machine, or a context, which names
/// one elsewhere.
///
/// Start at [io.starling.node.cli.context.ClusterOptions].
@NullMarked
package io.starling.node.cli.context;

import org.jspecify.annotations.NullMarked;

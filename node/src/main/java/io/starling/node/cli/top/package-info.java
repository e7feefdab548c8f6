/// `top`: a live view of a cluster.
///
/// Samples are taken at intervals; what two of them say together is a view, which is drawn on a
/// terminal or printed as JSON. Start at [io.starling.node.cli.top.TopCommand].
@NullMarked
package io.starling.node.cli.top;

import org.jspecify.annotations.NullMarked;

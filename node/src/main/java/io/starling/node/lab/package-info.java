/// What a partition would do to a cluster of this one's shape: the simulator's lab, for who asks a
/// node for it.
///
/// Depends on `io.starling.simulation` for what may be asked, and on `io.starling.node.local` for
/// the command of the process that runs it. Start at [io.starling.node.lab.LabDesk].
@NullMarked
package io.starling.node.lab;

import org.jspecify.annotations.NullMarked;

/// Real nodes, each a process in a network of its own with a disk of its own, while links are cut,
/// lossy and slow, and processes are paused, killed and run out of disk. Clients keep a history,
/// which [io.starling.faults.history] judges.
///
/// Start at [io.starling.faults.RealFaultsTest], then [io.starling.faults.FaultRun].
@NullMarked
package io.starling.faults;

import org.jspecify.annotations.NullMarked;

/// Who hosts a space, and what follows from that for a member: what it may send to whom, and when
/// it may give up what it has of a space that others are to host.
///
/// Rules without state, which whoever runs engines goes by: the node, and the simulator. Start at
/// [io.starling.replica.hosting.Hosts].
@NullMarked
package io.starling.replica.hosting;

import org.jspecify.annotations.NullMarked;

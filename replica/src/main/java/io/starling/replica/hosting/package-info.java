/// Who hosts a space, and what follows from that for a member: what it may send to whom, when it
/// may give up what it has of a space that others are to host, and what it waits for when its store
/// was damaged and is made anew.
///
/// Rules that do no I/O and are told the time, which whoever runs engines goes by: the node, and
/// the simulator. Start at [io.starling.replica.hosting.Hosts].
@NullMarked
package io.starling.replica.hosting;

import org.jspecify.annotations.NullMarked;

/// The algebra: dots, version vectors, dot stores and the data types built on them.
///
/// Depends on the JDK alone; knows no clock, no entropy, no I/O and no thread. Every collection in
/// here iterates in an order that its content determines.
@NullMarked
package io.starling.crdt;

import org.jspecify.annotations.NullMarked;

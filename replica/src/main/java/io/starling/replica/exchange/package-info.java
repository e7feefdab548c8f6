/// What is said to peers and heard from them: announcements, pulls, answers to pulls.
///
/// Depends on `io.starling.replica.state`. Start at [io.starling.replica.exchange.Peers].
@NullMarked
package io.starling.replica.exchange;

import org.jspecify.annotations.NullMarked;

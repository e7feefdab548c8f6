/// What a replica tells of itself.
///
/// Depends on `io.starling.replica.message`. Start at [io.starling.replica.status.SpaceStatus].
@NullMarked
package io.starling.replica.status;

import org.jspecify.annotations.NullMarked;

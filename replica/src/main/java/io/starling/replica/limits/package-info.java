/// Every bound of the engine, in one place.
///
/// Depends on `io.starling.replica.batch`. Start at [io.starling.replica.limits.Limits].
@NullMarked
package io.starling.replica.limits;

import org.jspecify.annotations.NullMarked;

/// Truncates the log. Start at [io.starling.replica.truncation.Truncation].
///
/// Depends on `io.starling.replica.exchange` for what is stable, and `io.starling.replica.state`.
@NullMarked
package io.starling.replica.truncation;

import org.jspecify.annotations.NullMarked;

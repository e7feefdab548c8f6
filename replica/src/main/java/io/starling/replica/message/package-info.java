/// What replicas say to each other, and the tokens that clients carry between them.
///
/// Depends on `io.starling.replica.batch`. Start at [io.starling.replica.message.Message].
@NullMarked
package io.starling.replica.message;

import org.jspecify.annotations.NullMarked;

/// What clients ask of a replica, and its answers.
///
/// Depends on `io.starling.replica.message`. Start at [io.starling.replica.request.Submission].
@NullMarked
package io.starling.replica.request;

import org.jspecify.annotations.NullMarked;

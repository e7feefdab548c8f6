/// Causality between replicas: closed replicas, the contexts that omit them, batches that wait for
/// their causes, and what each peer is known to have.
///
/// Depends on `io.starling.replica.batch`. Start at [io.starling.replica.causal.Past].
@NullMarked
package io.starling.replica.causal;

import org.jspecify.annotations.NullMarked;

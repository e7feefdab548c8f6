/// How commands end: exit codes, failures, and what is said of them.
///
/// Depends on no other part of the command line. Start at
/// [io.starling.node.cli.outcome.CommandFailure].
@NullMarked
package io.starling.node.cli.outcome;

import org.jspecify.annotations.NullMarked;

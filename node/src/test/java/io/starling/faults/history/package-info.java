/// What clients asked of a cluster and what they were told, and what must hold of that whatever
/// went wrong meanwhile: checks are functions of a recorded history and of nothing else.
///
/// Start at [io.starling.faults.history.History], then [io.starling.faults.history.Checks].
@NullMarked
package io.starling.faults.history;

import org.jspecify.annotations.NullMarked;

/// `doctor`: looks at a machine, a node's directory and a running cluster, says what is wrong with
/// them, and what to do about it.
///
/// Facts are gathered apart from what is thought of them, so that each judgement can be tried.
/// Start at [io.starling.node.cli.doctor.Examination].
@NullMarked
package io.starling.node.cli.doctor;

import org.jspecify.annotations.NullMarked;

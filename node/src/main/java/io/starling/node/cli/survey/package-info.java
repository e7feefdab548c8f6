/// What the nodes of a cluster say of themselves, for the commands that show or check it.
///
/// Start at [io.starling.node.cli.survey.Survey].
@NullMarked
package io.starling.node.cli.survey;

import org.jspecify.annotations.NullMarked;

/// Pages of the documents that are held to the code.
///
/// Start at [io.starling.docs.LimitsPageTest].
@NullMarked
package io.starling.docs;

import org.jspecify.annotations.NullMarked;

/// The main job: three processes, real data, concurrent edits, a partition, a kill.
///
/// Start at [io.starling.node.job.MainJobTest], which also says how to run it over all places.
@NullMarked
package io.starling.node.job;

import org.jspecify.annotations.NullMarked;

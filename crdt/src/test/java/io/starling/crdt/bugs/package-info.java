/// Bugs that other systems had, each as a test that tells its story.
@NullMarked
package io.starling.crdt.bugs;

import org.jspecify.annotations.NullMarked;

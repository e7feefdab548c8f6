/// Tests of the archive that users install: they run after it is made.
package io.starling.distribution;

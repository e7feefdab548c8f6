/// Tests of what becomes of hints; [io.starling.node.discovery.RecordedHints] stands in for the
/// transport.
package io.starling.node.discovery;

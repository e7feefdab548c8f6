/// What clients of a node can call.
///
/// Each subpackage is an adapter of one protocol over `io.starling.node.space`, and knows no other.
@NullMarked
package io.starling.node.api;

import org.jspecify.annotations.NullMarked;

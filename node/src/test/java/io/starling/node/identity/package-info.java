/// Tests of keys, certificates and joining.
@NullMarked
package io.starling.node.identity;

import org.jspecify.annotations.NullMarked;

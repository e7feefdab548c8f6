/// Tests of receipts.
@NullMarked
package io.starling.node.receipt;

import org.jspecify.annotations.NullMarked;

/// Tests of the transport, over real sockets with real certificates.
@NullMarked
package io.starling.node.transport;

import org.jspecify.annotations.NullMarked;

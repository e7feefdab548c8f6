/// A node's configuration: `node.yaml`, overridden by the environment.
///
/// Depends on `io.starling.node.identity` for addresses. Start at
/// [io.starling.node.config.NodeConfig]; [io.starling.node.config.Setting] lists what there is.
@NullMarked
package io.starling.node.config;

import org.jspecify.annotations.NullMarked;

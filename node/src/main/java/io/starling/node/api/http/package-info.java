/// The web server of a node: Vert.x in front of `io.starling.node.api.rest`, and the dashboard's
/// files. All types of Vert.x stay in here.
///
/// The event loop parses and writes; whatever else a request needs happens on a virtual thread of
/// its own. Start at [io.starling.node.api.http.HttpApi].
@NullMarked
package io.starling.node.api.http;

import org.jspecify.annotations.NullMarked;

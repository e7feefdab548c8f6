/// The REST API without a web server: calls in, answers out, on virtual threads.
///
/// Depends on `io.starling.node.space`, `access`, `status` and `json`; knows no library of HTTP.
/// Start at [io.starling.node.api.rest.RestApi], which lists the routes.
@NullMarked
package io.starling.node.api.rest;

import org.jspecify.annotations.NullMarked;

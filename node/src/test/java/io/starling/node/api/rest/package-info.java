/// Tests of the description of the HTTP API.
@NullMarked
package io.starling.node.api.rest;

import org.jspecify.annotations.NullMarked;

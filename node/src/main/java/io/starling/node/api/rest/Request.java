package io.starling.node.api.rest;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The head of a request, before anything about it is believed.
///
/// @param uri as it stood in the request line
/// @param headers by lower-case name; repeated ones joined by a comma
/// @param isNearby whether it came from this machine
public record Request(
    String method, String uri, SortedMap<String, String> headers, boolean isNearby) {

  public Request {
    headers = Collections.unmodifiableSortedMap(new TreeMap<>(headers));
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }
}

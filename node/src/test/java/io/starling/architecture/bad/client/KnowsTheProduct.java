package io.starling.architecture.bad.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.starling.architecture.bad.node.Prints;

public final class KnowsTheProduct {
  Prints product = new Prints();
  JsonNode json;
}

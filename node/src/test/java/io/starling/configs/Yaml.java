package io.starling.configs;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// YAML files of one or more documents, anchors and merges resolved.
final class Yaml {

  private Yaml() {}

  static List<JsonObject> documents(Path file) throws IOException {
    var documents = new ArrayList<JsonObject>();
    for (var document : new org.yaml.snakeyaml.Yaml().loadAll(Files.readString(file))) {
      documents.add(new Gson().toJsonTree(document).getAsJsonObject());
    }
    return documents;
  }

  /// What is at a path of fields and, by number, items.
  static JsonElement at(JsonElement element, String path) {
    var here = element;
    for (var step : path.split("\\.")) {
      here =
          here.isJsonArray()
              ? here.getAsJsonArray().get(Integer.parseInt(step))
              : here.getAsJsonObject().get(step);
    }
    return here;
  }
}

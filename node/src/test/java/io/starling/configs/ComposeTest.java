package io.starling.configs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.starling.node.config.NodeConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The compose file: three nodes whose settings a node takes, and nothing dangling.
final class ComposeTest {

  private static final Path CONTAINER = Path.of("..", "cluster-configs", "container");

  @Test
  void eachNodeTakesItsEnvironmentAndIsNamedAsTheOthersDialIt() throws Exception {
    var services = compose().getAsJsonObject("services");
    var ports = new TreeSet<String>();
    for (var name : List.of("alpha", "beta", "gamma")) {
      var environment = new TreeMap<String, String>();
      services
          .getAsJsonObject(name)
          .getAsJsonObject("environment")
          .asMap()
          .forEach((key, value) -> environment.put(key, value.getAsString()));
      var config = NodeConfig.read(CONTAINER.resolve("node.yaml"), environment);
      assertThat(config.addresses().getFirst()).hasToString(name + ":7412");
      assertThat(environment.get("NODE_PEERS").split(" ")).contains(name + ":7412").hasSize(3);
      assertThat(environment).containsEntry("NODE_NAME", name).containsEntry("NODE_FIRST", "alpha");
      Yaml.at(services, name + ".ports")
          .getAsJsonArray()
          .forEach(it -> ports.add(it.getAsString()));
    }
    assertThat(ports).hasSize(6).allMatch(port -> port.startsWith("127.0.0.1:"));
  }

  @Test
  void everyVolumeAndServiceThatIsNamedIsThere() throws Exception {
    var compose = compose();
    var services = compose.getAsJsonObject("services");
    var volumes = compose.getAsJsonObject("volumes").keySet();
    for (var service : services.asMap().values()) {
      for (var volume : service.getAsJsonObject().getAsJsonArray("volumes")) {
        assertThat(volumes).contains(volume.getAsString().replaceFirst(":.*", ""));
      }
      if (service.getAsJsonObject().get("depends_on") instanceof JsonObject needed) {
        assertThat(services.keySet()).containsAll(needed.keySet());
      }
    }
  }

  private static JsonObject compose() throws Exception {
    return Yaml.documents(CONTAINER.resolve("compose.yaml")).getFirst();
  }
}

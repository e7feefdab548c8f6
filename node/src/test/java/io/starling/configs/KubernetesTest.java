package io.starling.configs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.starling.node.config.NodeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The manifests against Kubernetes' own schemas, by the models generated from them: they refuse
/// what is unknown, missing or of another type.
final class KubernetesTest {

  private static final Path FILE = Path.of("..", "cluster-configs", "kubernetes", "starling.yaml");
  private static final String POD = "spec.template.spec";

  @TempDir private Path directory;

  @Test
  void everyObjectIsValid() throws Exception {
    var kinds = new TreeMap<String, Integer>();
    for (var object : Yaml.documents(FILE)) {
      validate(object);
      kinds.merge(text(object, "kind"), 1, Integer::sum);
    }
    assertThat(kinds)
        .isEqualTo(
            Map.of(
                "ConfigMap", 1,
                "Service", 2,
                "PodDisruptionBudget", 1,
                "NetworkPolicy", 1,
                "StatefulSet", 1));
  }

  @Test
  void whatTheSchemaDoesNotHaveIsRefused() throws Exception {
    var unknown = only("StatefulSet");
    Yaml.at(unknown, POD).getAsJsonObject().addProperty("enableServiceLink", false);
    assertThatThrownBy(() -> validate(unknown)).hasMessageContaining("enableServiceLink");
    var missing = only("StatefulSet");
    missing.getAsJsonObject("spec").remove("selector");
    assertThatThrownBy(() -> validate(missing)).hasMessageContaining("selector");
    var otherType = only("StatefulSet");
    Yaml.at(otherType, POD).getAsJsonObject().add("nodeName", new JsonObject());
    assertThatThrownBy(() -> validate(otherType)).hasMessageContaining("nodeName");
  }

  @Test
  void theNodeTakesItsConfigurationAndItsEnvironment() throws Exception {
    var file = directory.resolve(NodeConfig.FILE);
    Files.writeString(
        file, only("ConfigMap").getAsJsonObject("data").get("node.yaml").getAsString());
    var environment = new TreeMap<String, String>();
    for (var variable : Yaml.at(only("StatefulSet"), POD + ".containers.0.env").getAsJsonArray()) {
      var value = variable.getAsJsonObject().get("value");
      if (value instanceof JsonPrimitive) {
        environment.put(
            text(variable, "name"), value.getAsString().replace("$(NODE_NAME)", "starling-0"));
      }
    }
    assertThat(environment).containsKey("STARLING_ADDRESSES");
    var config = NodeConfig.read(file, environment);
    assertThat(config.addresses().getFirst()).hasToString("starling-0.starling-nodes:7412");
    assertThat(config.tls()).isEqualTo(new NodeConfig.Tls(true, true));
  }

  @Test
  void podsAreFoundByTheSelectorsAndMountWhatThereIs() throws Exception {
    var set = only("StatefulSet");
    var labels = Yaml.at(set, "spec.template.metadata.labels");
    assertThat(Yaml.at(set, "spec.selector.matchLabels")).isEqualTo(labels);
    assertThat(Yaml.at(only("PodDisruptionBudget"), "spec.selector.matchLabels")).isEqualTo(labels);
    assertThat(Yaml.at(only("NetworkPolicy"), "spec.podSelector.matchLabels")).isEqualTo(labels);
    var services = new TreeSet<String>();
    for (var service : of("Service")) {
      assertThat(Yaml.at(service, "spec.selector")).isEqualTo(labels);
      services.add(text(service, "metadata.name"));
    }
    assertThat(services).contains(text(set, "spec.serviceName"));
    var volumes = new TreeSet<String>();
    Yaml.at(set, POD + ".volumes").getAsJsonArray().forEach(it -> volumes.add(text(it, "name")));
    volumes.add(text(set, "spec.volumeClaimTemplates.0.metadata.name"));
    for (var container : List.of("initContainers.0", "containers.0")) {
      for (var mount : Yaml.at(set, POD + "." + container + ".volumeMounts").getAsJsonArray()) {
        assertThat(volumes).contains(text(mount, "name"));
      }
    }
  }

  @Test
  void podsAreConfinedAndProbedOverTls() throws Exception {
    var pod = Yaml.at(only("StatefulSet"), POD);
    // A Service's variables would be taken for settings, and refused.
    assertThat(Yaml.at(pod, "enableServiceLinks").getAsBoolean()).isFalse();
    assertThat(Yaml.at(pod, "securityContext.runAsNonRoot").getAsBoolean()).isTrue();
    for (var container : List.of("initContainers.0", "containers.0")) {
      var confined = Yaml.at(pod, container + ".securityContext");
      assertThat(Yaml.at(confined, "readOnlyRootFilesystem").getAsBoolean()).isTrue();
      assertThat(Yaml.at(confined, "allowPrivilegeEscalation").getAsBoolean()).isFalse();
      assertThat(text(confined, "capabilities.drop.0")).isEqualTo("ALL");
    }
    var probes =
        Map.of(
            "startupProbe", "/api/health/live",
            "livenessProbe", "/api/health/live",
            "readinessProbe", "/api/health");
    probes.forEach((probe, path) -> {
      assertThat(text(pod, "containers.0." + probe + ".httpGet.path")).isEqualTo(path);
      assertThat(text(pod, "containers.0." + probe + ".httpGet.scheme")).isEqualTo("HTTPS");
    });
  }

  private static void validate(JsonObject object) throws IOException {
    switch (text(object, "apiVersion") + " " + text(object, "kind")) {
      case "v1 ConfigMap" -> V1ConfigMap.validateJsonElement(object);
      case "v1 Service" -> V1Service.validateJsonElement(object);
      case "policy/v1 PodDisruptionBudget" -> V1PodDisruptionBudget.validateJsonElement(object);
      case "networking.k8s.io/v1 NetworkPolicy" -> V1NetworkPolicy.validateJsonElement(object);
      case "apps/v1 StatefulSet" -> V1StatefulSet.validateJsonElement(object);
      default -> throw new AssertionError("no schema for " + object);
    }
  }

  private static JsonObject only(String kind) throws IOException {
    var found = of(kind);
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private static List<JsonObject> of(String kind) throws IOException {
    return Yaml.documents(FILE).stream().filter(it -> text(it, "kind").equals(kind)).toList();
  }

  private static String text(JsonElement element, String path) {
    return Yaml.at(element, path).getAsString();
  }
}

package io.starling.node.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Settings as they were written, in a file or the environment; each a list of texts, most of one.
final class SettingSource {

  private static final long FILE_BYTES_MAX = 1 << 20;

  // What the command line reads for itself; a node started by it inherits these.
  private static final Set<String> OTHERS =
      Set.of(
          "STARLING_CONTEXT",
          "STARLING_DATA",
          "STARLING_TOKEN",
          "STARLING_HOME",
          "STARLING_BACKUP_PASSPHRASE");

  private SettingSource() {}

  /// What a file says; nothing if it is empty.
  static Map<Setting, List<String>> file(Path file) throws ConfigException {
    var settings = new EnumMap<Setting, List<String>>(Setting.class);
    try {
      if (Files.size(file) > FILE_BYTES_MAX) {
        throw new ConfigException(file + " is too large for a configuration");
      }
      var mapper =
          new YAMLMapper(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());
      var root = mapper.readTree(Files.readString(file));
      if (root.isObject()) {
        collect(file, "", root, settings);
      } else if (!root.isMissingNode() && !root.isNull()) {
        throw new ConfigException(file + " must hold settings, 'key: value'");
      }
      return settings;
    } catch (JsonProcessingException broken) {
      var at = broken.getLocation();
      var where = at == null ? "" : " at line " + at.getLineNr();
      throw new ConfigException(
          file + " is not YAML" + where + ": " + line(broken.getOriginalMessage()), broken);
    } catch (CharacterCodingException foreign) {
      throw new ConfigException(file + " is not YAML: it is not UTF-8", foreign);
    } catch (NoSuchFileException none) {
      throw new ConfigException(file + " does not exist", none);
    } catch (IOException unreadable) {
      throw new ConfigException(file + " cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }

  // The parser draws where it stood on lines that are indented.
  private static String line(String message) {
    return message
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith(" "))
        .collect(Collectors.joining("; "));
  }

  /// What the environment says.
  static Map<Setting, List<String>> environment(Map<String, String> environment)
      throws ConfigException {
    var settings = new EnumMap<Setting, List<String>>(Setting.class);
    for (var variable : environment.entrySet()) {
      var name = variable.getKey();
      if (!name.startsWith(Setting.ENVIRONMENT_PREFIX) || OTHERS.contains(name)) {
        continue;
      }
      var setting = Setting.ofVariable(name);
      if (setting.isEmpty()) {
        throw new ConfigException(
            "the environment has "
                + name
                + ", which is no setting; did you mean "
                + Setting.nearestVariable(name).variable()
                + "?");
      }
      settings.put(setting.get(), words(variable.getValue()));
    }
    return settings;
  }

  private static void collect(
      Path file, String prefix, JsonNode node, Map<Setting, List<String>> settings)
      throws ConfigException {
    for (var field : node.properties()) {
      var key = prefix + field.getKey();
      var setting = Setting.ofKey(key);
      if (setting.isPresent()) {
        settings.put(setting.get(), texts(file, key, field.getValue()));
      } else if (isSection(key)) {
        if (!field.getValue().isObject()) {
          throw new ConfigException(file + ": '" + key + "' holds further settings, not a value");
        }
        collect(file, key + ".", field.getValue(), settings);
      } else {
        throw new ConfigException(
            file
                + ": '"
                + key
                + "' is no setting; did you mean '"
                + Setting.nearestKey(key)
                + "'?");
      }
    }
  }

  private static boolean isSection(String key) {
    return Arrays.stream(Setting.values()).anyMatch(it -> it.key().startsWith(key + "."));
  }

  private static List<String> texts(Path file, String key, JsonNode value) throws ConfigException {
    if (value.isValueNode()) {
      return value.isNull() ? List.of() : List.of(value.asText());
    }
    var texts = new ArrayList<String>();
    for (var item : value) {
      if (!value.isArray() || !item.isValueNode()) {
        throw new ConfigException(file + ": '" + key + "' must be a value or a list of values");
      }
      texts.add(item.asText());
    }
    return texts;
  }

  private static List<String> words(String value) {
    return Arrays.stream(value.split(",", -1))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .toList();
  }
}

package io.starling.node.cli;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.json.JsonText;

/// Values on the command line: text, or JSON if so asked.
final class ValueText {

  private ValueText() {}

  static Value parse(String text, boolean isJson) throws CommandFailure {
    if (isJson) {
      return json(text);
    }
    try {
      return new Value.Text(text);
    } catch (IllegalArgumentException refused) {
      throw CommandFailure.usage(String.valueOf(refused.getMessage()));
    }
  }

  static Value json(String text) throws CommandFailure {
    try {
      return JsonText.parse(text);
    } catch (MalformedException refused) {
      throw CommandFailure.usage(String.valueOf(refused.getMessage()));
    }
  }

  static Value.Struct document(String text) throws CommandFailure {
    if (json(text) instanceof Value.Struct document) {
      return document;
    }
    throw CommandFailure.usage("a document is a JSON object; 'set --json' takes other values");
  }
}

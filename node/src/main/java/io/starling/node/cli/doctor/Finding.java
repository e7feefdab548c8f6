package io.starling.node.cli.doctor;

import io.starling.crdt.value.Value;
import io.starling.node.cli.terminal.Fields;

/// One thing that was checked.
///
/// @param check of what kind, a word for programs
/// @param subject of what it is: the host, a node, an address
/// @param what is so
/// @param todo what to do about it; empty if nothing
public record Finding(String check, String subject, Verdict verdict, String what, String todo) {

  public Finding {
    if ((verdict == Verdict.OK) != todo.isEmpty()) {
      throw new IllegalArgumentException("what is not well has a remedy, and only that: " + what);
    }
  }

  static Finding ok(String check, String subject, String what) {
    return new Finding(check, subject, Verdict.OK, what, "");
  }

  static Finding warn(String check, String subject, String what, String todo) {
    return new Finding(check, subject, Verdict.WARN, what, todo);
  }

  static Finding fail(String check, String subject, String what, String todo) {
    return new Finding(check, subject, Verdict.FAIL, what, todo);
  }

  public Value json() {
    return new Fields()
        .put("check", check)
        .put("subject", subject)
        .put("verdict", verdict.word())
        .put("what", what)
        .put("todo", todo)
        .struct();
  }
}

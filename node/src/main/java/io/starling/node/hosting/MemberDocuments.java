package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.value.Value;
import io.starling.node.member.Forms;
import io.starling.node.member.Lapse;
import io.starling.node.member.Member;
import io.starling.node.member.Members;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The members as `_system` lists them; read again only when it has changed.
final class MemberDocuments implements Members {

  private final HostedSpace system;
  private final Remembered<List<Member>> known = new Remembered<>();
  private final Remembered<SortedSet<KeyFingerprint>> lapsed = new Remembered<>();

  MemberDocuments(HostedSpace system) {
    this.system = system;
  }

  /// `_system` has changed.
  void forget() {
    known.forget();
    lapsed.forget();
  }

  @Override
  public List<Member> all() {
    return known.get(this::read);
  }

  @Override
  public SortedSet<KeyFingerprint> lapsed() {
    return lapsed.get(this::readLapsed);
  }

  private SortedSet<KeyFingerprint> readLapsed() {
    var keys = new TreeSet<KeyFingerprint>();
    for (var name : SystemDocuments.names(system, Lapse.PREFIX)) {
      key(name).ifPresent(keys::add);
    }
    return Collections.unmodifiableSortedSet(keys);
  }

  // Whoever may write to _system may write nonsense there; it names no member.
  private static Optional<KeyFingerprint> key(String name) {
    try {
      return Optional.of(KeyFingerprint.parse(name));
    } catch (IllegalArgumentException notAFingerprint) {
      return Optional.empty();
    }
  }

  private List<Member> read() {
    var members = new ArrayList<Member>();
    for (var name : SystemDocuments.names(system, SystemDocuments.MEMBERS)) {
      SystemDocuments.find(system, SystemDocuments.MEMBERS + name)
          .flatMap(document -> member(name, document))
          .ifPresent(members::add);
    }
    members.sort(Comparator.comparing(Member::key));
    return List.copyOf(members);
  }

  /// The document that a member writes of itself.
  static Value.Struct document(Member member) {
    var fields = new TreeMap<String, Value>();
    fields.put("name", new Value.Text(member.name()));
    fields.put("certificate", new Value.Text(member.certificate()));
    fields.put("site", new Value.Text(member.site()));
    var addresses = member.addresses().stream().<Value>map(Value.Text::new).toList();
    fields.put("addresses", new Value.Array(addresses));
    var reads = new TreeMap<String, Value>();
    member.reads().newest().forEach((form, newest) -> reads.put(form, new Value.Int(newest)));
    fields.put("reads", new Value.Struct(reads));
    return new Value.Struct(fields);
  }

  static Optional<Member> member(String name, Value.Struct document) {
    return key(name)
        .map(key ->
            new Member(
                key,
                SystemDocuments.text(document, "name"),
                SystemDocuments.text(document, "certificate"),
                SystemDocuments.text(document, "site"),
                SystemDocuments.texts(document, "addresses"),
                reads(document)));
  }

  private static Forms reads(Value.Struct document) {
    var newest = new TreeMap<String, Integer>();
    if (document.fields().get("reads") instanceof Value.Struct(var fields)) {
      fields.forEach((form, value) -> {
        if (value instanceof Value.Int(long version) && version == (int) version) {
          newest.put(form, (int) version);
        }
      });
    }
    return new Forms(newest);
  }
}

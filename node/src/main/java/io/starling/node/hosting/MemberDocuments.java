package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.value.Value;
import io.starling.node.member.Departure;
import io.starling.node.member.Forms;
import io.starling.node.member.Lapse;
import io.starling.node.member.Member;
import io.starling.node.member.Members;
import io.starling.replica.membership.Revocations;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The members as `_system` lists them; read again only when it has changed.
final class MemberDocuments implements Members {

  private final HostedSpace system;
  private final RevocationDocuments revocations;
  private final Remembered<List<Member>> known = new Remembered<>();
  private final Remembered<SortedSet<KeyFingerprint>> lapsed = new Remembered<>();
  private final Remembered<SortedMap<KeyFingerprint, Instant>> left = new Remembered<>();

  MemberDocuments(HostedSpace system, RevocationDocuments revocations) {
    this.system = system;
    this.revocations = revocations;
  }

  /// `_system` has changed.
  void forget() {
    known.forget();
    lapsed.forget();
    left.forget();
  }

  @Override
  public List<Member> all() {
    var gone = new TreeSet<>(left().keySet());
    gone.addAll(revocations().keys());
    var described = described();
    return gone.isEmpty()
        ? described
        : described.stream().filter(member -> !gone.contains(member.key())).toList();
  }

  @Override
  public List<Member> described() {
    return known.get(this::read);
  }

  @Override
  public SortedMap<KeyFingerprint, Instant> left() {
    return left.get(this::readLeft);
  }

  @Override
  public SortedSet<KeyFingerprint> lapsed() {
    return lapsed.get(this::readLapsed);
  }

  @Override
  public Revocations revocations() {
    return revocations.revocations();
  }

  private SortedSet<KeyFingerprint> readLapsed() {
    var keys = new TreeSet<KeyFingerprint>();
    for (var name : SystemDocuments.names(system, Lapse.PREFIX)) {
      if (SystemDocuments.find(system, Lapse.PREFIX + name).isPresent()) {
        key(name).ifPresent(keys::add);
      }
    }
    return Collections.unmodifiableSortedSet(keys);
  }

  private SortedMap<KeyFingerprint, Instant> readLeft() {
    var when = new TreeMap<KeyFingerprint, Instant>();
    for (var name : SystemDocuments.names(system, Departure.PREFIX)) {
      // Nobody leaves by what another says.
      key(name)
          .ifPresent(key ->
              SystemDocuments.findBy(key, system, Departure.PREFIX + name)
                  .ifPresent(statement -> when.put(key, Departure.at(statement))));
    }
    return Collections.unmodifiableSortedMap(when);
  }

  // Whoever may write to _system may write nonsense there; it names no member.
  static Optional<KeyFingerprint> key(String name) {
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

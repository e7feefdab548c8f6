package io.starling.node.backup;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.backup.repository.Blobs;
import io.starling.node.backup.repository.DirectoryBlobs;
import io.starling.node.backup.repository.Passphrase;
import io.starling.node.backup.repository.Repository;
import io.starling.node.hosting.TestNode;
import io.starling.node.storage.NodeStore;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.state.SpaceImage;
import io.starling.replica.status.SpaceStatus;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.awaitility.Awaitility;

/// Nodes with something to back up, and backups of them.
final class Backups {

  static final long NO_BOUND = 1L << 40;

  private Backups() {}

  static Repository create(java.nio.file.Path directory) throws IOException {
    return Repository.create(
        new DirectoryBlobs(directory), Optional.empty(), InstantSource.system());
  }

  /// Makes a repository anywhere.
  static Repository create(Blobs blobs, Optional<Passphrase> passphrase) throws IOException {
    return Repository.create(blobs, passphrase, InstantSource.system());
  }

  static Repository open(java.nio.file.Path directory) throws IOException {
    return Repository.open(new DirectoryBlobs(directory), Optional.empty(), InstantSource.system());
  }

  static BackupRun run(Repository repository, TestNode node) {
    var source = new Manifest.Source(TestNode.CLUSTER, node.fingerprint(), "n", "test");
    return new BackupRun(repository, source, NO_BOUND, InstantSource.system());
  }

  static BackupRun.Made make(Repository repository, TestNode node, NodeStore store)
      throws IOException, InterruptedException {
    return run(repository, node).make(() -> subjects(node, store));
  }

  static List<BackupRun.Subject> subjects(TestNode node, NodeStore store) {
    var subjects = new ArrayList<BackupRun.Subject>();
    for (var space : node.spaces().all()) {
      subjects.add(
          new BackupRun.Subject(space.name(), space.id(), store.space(space.id()).snapshot()));
    }
    return subjects;
  }

  /// Commits many mutations, a thousand at a time.
  static void commit(TestNode node, long count, LongFunction<Mutation> mutations) throws Exception {
    for (long from = 0; from < count; from += 1_000) {
      var some = new ArrayList<Mutation>();
      for (long i = from; i < Math.min(count, from + 1_000); i++) {
        some.add(mutations.apply(i));
      }
      var outcome =
          node.main()
              .submit("someone", Optional.empty(), some)
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS);
      if (!(outcome instanceof Outcome.Committed)) {
        throw new AssertionError(outcome);
      }
    }
  }

  static Mutation set(String key, String value) {
    return new Mutation.Set(Path.of(key), new Value.Text(value), ReadRule.LATEST);
  }

  /// Something of every type.
  static void fill(TestNode node) throws Exception {
    commit(node, 3_000, i -> set("r/" + i, "value " + i * 7919 % 10_007));
    commit(node, 300, i -> new Mutation.Increment(Path.of("c/" + i % 10), i));
    commit(node, 300, i -> new Mutation.AddElement(Path.of("s/" + i % 3), new Value.Int(i)));
    commit(node, 5, i -> new Mutation.SetFlag(Path.of("f/" + i), true));
    var inner = new TreeMap<String, Value>();
    inner.put("b", new Value.Text("x"));
    var outer = new TreeMap<String, Value>();
    outer.put("a", new Value.Struct(inner));
    outer.put("n", new Value.Int(3));
    commit(node, 50, i -> new Mutation.Merge(Path.of("d/" + i), new Value.Struct(outer), false));
  }

  /// The status of `main` at what was last answered there: a loop says it a moment later.
  static SpaceStatus status(TestNode node) {
    Token token;
    try (var now = node.main().read()) {
      token = now.reader().token();
    }
    Awaitility.await().until(() -> node.main().status().token().equals(token));
    return node.main().status();
  }

  static List<String> problems(Repository repository, boolean isQuick) throws IOException {
    var report = new Verification(repository, isQuick, _ -> {}).check(repository.backups());
    return report.problems().stream().map(Verification.Problem::what).toList();
  }

  /// The chunks of rows of a part of `main`.
  static List<Strand.Entry> entries(Repository repository, Manifest manifest, SpaceImage.Part part)
      throws IOException {
    var entries = new ArrayList<Strand.Entry>();
    new StrandReader(repository, manifest.space("main").orElseThrow().part(part))
        .entries(entries::add);
    return entries;
  }

  static TreeSet<String> chunks(Repository repository) throws IOException {
    var chunks = new TreeSet<String>();
    repository.chunks((name, _) -> chunks.add(name.toString()));
    return chunks;
  }
}

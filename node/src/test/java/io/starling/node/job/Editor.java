package io.starling.node.job;

import com.google.protobuf.ByteString;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.api.wire.WireMutations;
import io.starling.node.client.ClientException;
import io.starling.node.client.NodeClient;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.Query;
import io.starling.proto.v1.ReadRequest;
import io.starling.proto.v1.Transaction;
import io.starling.replica.request.Mutation;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/// Someone who edits documents on one node, one after the other, and remembers what was
/// acknowledged.
final class Editor {

  private static final long RETRY_NANOS = 50_000_000;

  private final NodeClient client;
  private final String space;
  private final List<String> keys;
  private final TreeMap<String, TreeSet<String>> tags = new TreeMap<>();
  private final TreeMap<String, Long> visits = new TreeMap<>();
  private final Thread thread;
  private volatile boolean isStopped;
  private long edits;
  private long retries;

  /// @param isTagging adds elements, which may be added twice, and so lives with a node that is
  ///   killed; else counts, which may not
  Editor(NodeClient client, String space, List<String> keys, boolean isTagging) {
    this.client = client;
    this.space = space;
    this.keys = keys;
    this.thread = Thread.ofVirtual().unstarted(isTagging ? this::tag : this::visit);
  }

  Editor start() {
    thread.start();
    return this;
  }

  /// Stops after the edit under way, and waits for that.
  void stop() throws InterruptedException {
    isStopped = true;
    thread.join();
  }

  /// By key, the elements whose addition was acknowledged.
  TreeMap<String, TreeSet<String>> tags() {
    return tags;
  }

  /// By key, how often it was counted and that was acknowledged.
  TreeMap<String, Long> visits() {
    return visits;
  }

  long edits() {
    return edits;
  }

  long retries() {
    return retries;
  }

  private String next() {
    // Strides over all parts of the file, so that some documents are there and some are not yet.
    return keys.get((int) (edits * 7_919 % keys.size()));
  }

  private void tag() {
    while (!isStopped) {
      var key = next();
      var element = "edit-" + edits;
      var path = Path.of(key).field("tags");
      insist(new Mutation.AddElement(path, new Value.Text(element)));
      tags.computeIfAbsent(key, _ -> new TreeSet<>()).add(element);
      edits++;
    }
  }

  private void visit() {
    while (!isStopped) {
      var key = next();
      try {
        apply(client, space, new Mutation.Increment(Path.of(key).field("visits"), 1));
      } catch (ClientException refused) {
        throw new AssertionError("an edit on a node that runs was refused", refused);
      }
      visits.merge(key, 1L, Long::sum);
      edits++;
    }
  }

  private void insist(Mutation mutation) {
    while (true) {
      try {
        apply(client, space, mutation);
        return;
      } catch (ClientException away) {
        retries++;
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  /// Gives a key of `main` a text.
  ///
  /// @return a token that covers it
  static ByteString put(NodeClient client, String key, String text) throws ClientException {
    var set = new Mutation.Set(Path.of(key), new Value.Text(text), ReadRule.LATEST);
    var transaction = Transaction.newBuilder().addMutations(WireMutations.write(set));
    return client.apply(ApplyRequest.newBuilder().setTransaction(transaction).build()).getToken();
  }

  /// What is at a key of `main`, as JSON.
  static String get(NodeClient client, String key) throws ClientException {
    var query = Query.newBuilder();
    query.getPathBuilder().setKey(key);
    var request = ReadRequest.newBuilder().setForm(Form.FORM_JSON).addQueries(query);
    return client.read(request.build()).getReadings(0).getJson();
  }

  /// Makes a transaction of one mutation.
  static void apply(NodeClient client, String space, Mutation mutation) throws ClientException {
    var transaction = Transaction.newBuilder().addMutations(WireMutations.write(mutation));
    client.apply(ApplyRequest.newBuilder().setSpace(space).setTransaction(transaction).build());
  }
}

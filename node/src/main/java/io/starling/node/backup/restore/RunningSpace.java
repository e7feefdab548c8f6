package io.starling.node.backup.restore;

import com.google.protobuf.ByteString;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.node.api.wire.WireMutations;
import io.starling.node.api.wire.WireValues;
import io.starling.node.api.wire.WireViews;
import io.starling.node.client.ClientException;
import io.starling.node.client.ClusterClient;
import io.starling.node.json.ViewJson;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.Query;
import io.starling.proto.v1.ReadRequest;
import io.starling.proto.v1.ReadResponse;
import io.starling.proto.v1.Reading;
import io.starling.proto.v1.ScanRequest;
import io.starling.proto.v1.Transaction;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// A space of a cluster that runs, as a client reads and writes it.
public final class RunningSpace {

  /// Most elements of one set that are compared.
  public static final int ELEMENTS_MAX = 1_000_000;

  private static final int ELEMENTS_PAGE = 10_000;

  /// By what a page is smaller when it did not fit an answer.
  private static final int ELEMENTS_FEWER = 10;

  private final ClusterClient client;
  private final String space;
  // What was read or written last: another node that answers from then on has that as well.
  private ByteString latest = ByteString.EMPTY;

  public RunningSpace(ClusterClient client, String space) {
    this.client = client;
    this.space = space;
  }

  /// What a key reads, at a token; or why that cannot be told.
  ///
  /// @param obstacle empty if the view is whole
  public record Found(View view, ByteString token, Optional<String> obstacle) {}

  /// Some keys in order, at a token.
  ///
  /// @param more whether keys follow
  public record Page(List<String> keys, List<Reading> readings, ByteString token, boolean more) {}

  /// The next keys that begin with a prefix, and the beginnings of what they read.
  ///
  /// @param after the last key that is known; empty at first
  public Page scan(String prefix, String after, int limit) throws IOException, ClientException {
    var answer =
        client.scan(
            ScanRequest.newBuilder()
                .setSpace(space)
                .setPrefix(prefix)
                .setAfter(after)
                .setLimit(limit)
                .setValues(true)
                .setForm(Form.FORM_VIEW)
                .setToken(latest)
                .build());
    latest = answer.getToken();
    var keys = new ArrayList<String>();
    var readings = new ArrayList<Reading>();
    for (var entry : answer.getEntriesList()) {
      keys.add(entry.getKey());
      readings.add(entry.getReading());
    }
    return new Page(keys, readings, answer.getToken(), answer.getMore());
  }

  Found read(String key) throws IOException, ClientException {
    for (int elements = ELEMENTS_PAGE; elements > 0; elements /= ELEMENTS_FEWER) {
      var query = Query.newBuilder().setPath(WireValues.write(Path.of(key)));
      var answer = ask(query.setElementsMax(elements));
      if (answer.isPresent()) {
        return whole(key, answer.get().getReadings(0), answer.get().getToken());
      }
    }
    return none(ByteString.EMPTY, key + " has more parts than one read shows");
  }

  /// What a reading says, with all elements of its sets.
  public Found found(String key, Reading reading, ByteString token)
      throws IOException, ClientException {
    if (reading.hasTooLarge()) {
      // Fewer elements of each of its sets may fit. It answers to the older read.
      var again = read(key);
      return new Found(again.view(), token, again.obstacle());
    }
    return whole(key, reading, token);
  }

  private Found whole(String key, Reading reading, ByteString token)
      throws IOException, ClientException {
    try {
      var view = whole(Path.of(key), WireViews.read(Path.of(key), reading.getView()));
      return new Found(view, token, Optional.empty());
    } catch (MalformedException foreign) {
      throw new IOException("what answers there is no node: " + foreign.getMessage(), foreign);
    } catch (NotWhole many) {
      return none(token, String.valueOf(many.getMessage()));
    }
  }

  private static Found none(ByteString token, String why) {
    return new Found(new View.Absent(), token, Optional.of(why));
  }

  /// An answer, unless it would be too large.
  private Optional<ReadResponse> ask(Query.Builder query) throws IOException, ClientException {
    var request = ReadRequest.newBuilder().setSpace(space).setForm(Form.FORM_VIEW).setToken(latest);
    try {
      var answer = client.read(request.addQueries(query).build());
      latest = answer.getToken();
      return answer.getReadings(0).hasTooLarge() ? Optional.empty() : Optional.of(answer);
    } catch (ClientException refused) {
      if (refused.word().equals("TOO_LARGE")) {
        return Optional.empty();
      }
      throw refused;
    }
  }

  private static final class NotWhole extends Exception {
    private static final long serialVersionUID = 1;

    private NotWhole(Path path, String why) {
      super(path + " " + why);
    }
  }

  private View whole(Path path, View view)
      throws IOException, ClientException, MalformedException, NotWhole {
    return switch (view) {
      case View.Elements elements -> elements.more() ? allElements(path, elements) : elements;
      case View.Fields(var fields) -> {
        var all = new TreeMap<String, View>();
        for (var field : fields.entrySet()) {
          all.put(field.getKey(), whole(path.field(field.getKey()), field.getValue()));
        }
        yield new View.Fields(all);
      }
      case View.Conflict _ when ViewJson.isCut(view) ->
          throw new NotWhole(path, "is of several types at once and too large for one read");
      case View.Absent _, View.Register _, View.Counter _, View.Flag _, View.Conflict _ -> view;
    };
  }

  private View allElements(Path path, View.Elements first)
      throws IOException, ClientException, MalformedException, NotWhole {
    var all = new ArrayList<>(first.elements());
    int most = ELEMENTS_PAGE;
    boolean isMore = true;
    while (isMore) {
      if (all.size() > ELEMENTS_MAX) {
        throw new NotWhole(path, "has more than " + ELEMENTS_MAX + " elements");
      }
      var query = Query.newBuilder().setPath(WireValues.write(path)).setElementsMax(most);
      var answer = ask(query.setElementsAfter(WireValues.write(last(all))));
      if (answer.isPresent()) {
        var page = WireViews.read(path, answer.get().getReadings(0).getView());
        isMore =
            page instanceof View.Elements(_, var elements, boolean more)
                && all.addAll(elements)
                && more;
      } else {
        most /= ELEMENTS_FEWER;
        if (most == 0) {
          throw new IOException("one element of " + path + " is larger than an answer may be");
        }
      }
    }
    return new View.Elements(first.bias(), all, false);
  }

  private static Value last(List<Value> values) {
    return values.getLast();
  }

  /// Makes a transaction that answers to a read, and is refused if a key of it has changed since.
  ///
  /// @param unchangedSince the token since which
  /// @return the token of the write
  ByteString apply(List<Mutation> mutations, ByteString context, ByteString unchangedSince)
      throws IOException, ClientException {
    var transaction =
        Transaction.newBuilder().setContext(context).setUnchangedSince(unchangedSince);
    mutations.forEach(mutation -> transaction.addMutations(WireMutations.write(mutation)));
    var request = ApplyRequest.newBuilder().setSpace(space).setTransaction(transaction);
    latest = client.apply(request.build()).getToken();
    return latest;
  }
}

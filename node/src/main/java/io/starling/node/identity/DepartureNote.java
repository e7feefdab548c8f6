package io.starling.node.identity;

import io.starling.crdt.encoding.MalformedException;
import io.starling.node.files.DurableFile;
import io.starling.replica.message.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// What a node notes beside its key about its leaving, so that a restart knows how far it had come:
/// one line, `left TIME` or `leaving TIME [TOKEN]`.
///
/// @param isOver whether another member has confirmed that it left; before, it is about to state it
/// @param at when it was noted
/// @param system what `_system` had applied then, last of all something that was written for this
///   note; so a store that does not cover it is older than the note. Empty if nothing can be told
///   by that: in notes of earlier versions, and once a start has found an older store
public record DepartureNote(boolean isOver, Instant at, Optional<Token> system) {

  private static final String LEAVING = "leaving";
  private static final String LEFT = "left";

  /// That a node is about to state that it leaves.
  public static DepartureNote leaving(Instant at, Token system) {
    return new DepartureNote(false, at, Optional.of(system));
  }

  /// That a node has left.
  public static DepartureNote left(Instant at) {
    return new DepartureNote(true, at, Optional.empty());
  }

  /// The same, from which nothing can be told of a store.
  public DepartureNote ofNoStore() {
    return new DepartureNote(isOver, at, Optional.empty());
  }

  /// The note in the directory of a node's identity.
  ///
  /// @throws IdentityException if it cannot be understood
  public static Optional<DepartureNote> read(Path directory) throws IOException, IdentityException {
    var file = IdentityFiles.departure(directory);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    var words = List.of(Files.readString(file).strip().split(" "));
    try {
      if (words.size() == 2 && List.of(LEAVING, LEFT).contains(words.getFirst())) {
        boolean isOver = words.getFirst().equals(LEFT);
        var at = Instant.parse(words.getLast());
        return Optional.of(new DepartureNote(isOver, at, Optional.empty()));
      }
      if (words.size() == 3 && words.getFirst().equals(LEAVING)) {
        var token = Token.ofStore(Base64.getUrlDecoder().decode(words.getLast()));
        return Optional.of(leaving(Instant.parse(words.get(1)), token));
      }
    } catch (DateTimeParseException | MalformedException | IllegalArgumentException damaged) {
      throw damaged(file);
    }
    throw damaged(file);
  }

  /// Whether whoever has this directory has left its cluster; not if that cannot be understood.
  public static boolean isOver(Path directory) throws IOException {
    try {
      return read(directory).filter(DepartureNote::isOver).isPresent();
    } catch (IdentityException damaged) {
      return false;
    }
  }

  private static IdentityException damaged(Path file) {
    return new IdentityException(
        IdentityException.Reason.MALFORMED,
        file + " is damaged: it says whether this node has left its cluster; remove it if not");
  }

  /// Durable when this returns.
  public void write(Path directory) throws IOException {
    var token = system.map(it -> " " + it.toText()).orElse("");
    AtomicFile.write(
        IdentityFiles.departure(directory), (isOver ? LEFT : LEAVING) + " " + at + token + "\n");
  }

  /// The node stays. Durable when this returns; when it throws, the note may be there still, or
  /// come back.
  public static void remove(Path directory) throws IOException {
    Files.deleteIfExists(IdentityFiles.departure(directory));
    DurableFile.syncDirectory(directory);
  }

  /// What whoever starts a node that has left is told.
  ///
  /// @param at when it left
  public static String farewell(Instant at) {
    return "this node left its cluster on "
        + at
        + " and cannot come back with its old key; to come back, join anew in a new directory:"
        + " starling member join NEW-DIR --name NAME --address HOST";
  }
}

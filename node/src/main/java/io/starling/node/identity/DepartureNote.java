package io.starling.node.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/// What a node notes beside its key about its leaving, so that a restart knows how far it had come.
///
/// @param isOver whether another member has confirmed that it left; before, it is about to state it
/// @param at when it was noted
public record DepartureNote(boolean isOver, Instant at) {

  private static final String LEAVING = "leaving";
  private static final String LEFT = "left";

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
        return Optional.of(new DepartureNote(isOver, Instant.parse(words.getLast())));
      }
    } catch (DateTimeParseException damaged) {
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
    AtomicFile.write(
        IdentityFiles.departure(directory), (isOver ? LEFT : LEAVING) + " " + at + "\n");
  }

  /// The node stays.
  public static void remove(Path directory) throws IOException {
    Files.deleteIfExists(IdentityFiles.departure(directory));
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

package io.starling.node.backup;

/// How far a backup is.
///
/// @param space that is being read; empty before the first and behind the last
/// @param rows read so far
/// @param bytes of them, before they are packed
/// @param addedBytes that new chunks took up in the repository
public record Progress(String space, long rows, long bytes, long addedBytes) {

  static final Progress NONE = new Progress("", 0, 0, 0);
}

package io.starling.node.witness;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;

/// Where a store is: on which machine, and which file on which disk.
///
/// The file is one that is written once, when the store is made. A copy of it, by whatever means
/// but those that copy a whole disk, is another inode, made at another time.
///
/// @param host the machine's id, or its name where it has none; empty if neither is known
/// @param device the file system's number; may change when a machine starts anew
/// @param inode of the file; empty if it is not known
/// @param born when the file was made, as far as the file system tells
record StorePlace(String host, String device, String inode, String born) {

  /// Nothing is known of it.
  static final StorePlace UNKNOWN = new StorePlace("", "", "", "");

  private static final Path MACHINE_ID = Path.of("/etc/machine-id");
  private static final int HOST_LENGTH_MAX = 256;

  /// The place of a store.
  ///
  /// @param file of it that is written once
  static StorePlace of(Path file) throws IOException {
    var attributes = Files.readAttributes(file, BasicFileAttributes.class);
    FileTime born = attributes.creationTime();
    return new StorePlace(
        machine(), unix(file, "dev"), unix(file, "ino"), Long.toString(born.toMillis()));
  }

  /// Whether this is the same file on the same machine. The device is not asked: its number is
  /// given anew at each start of a machine.
  boolean isSame(StorePlace other) {
    return isSameHost(other) && isSameFile(other);
  }

  /// Whether both are known to be on one machine, or nothing says otherwise.
  boolean isSameHost(StorePlace other) {
    return host.isEmpty() || other.host.isEmpty() || host.equals(other.host);
  }

  private boolean isSameFile(StorePlace other) {
    boolean isKnown = !inode.isEmpty() && !other.inode.isEmpty();
    return !isKnown || (inode.equals(other.inode) && born.equals(other.born));
  }

  private static String unix(Path file, String attribute) throws IOException {
    try {
      Map<String, Object> found = Files.readAttributes(file, "unix:" + attribute);
      return String.valueOf(found.get(attribute));
    } catch (UnsupportedOperationException notUnix) {
      return "";
    }
  }

  private static String machine() {
    try {
      if (Files.isReadable(MACHINE_ID)) {
        var id = Files.readString(MACHINE_ID, StandardCharsets.US_ASCII).strip();
        if (!id.isEmpty() && id.length() <= HOST_LENGTH_MAX) {
          return id;
        }
      }
      return InetAddress.getLocalHost().getHostName();
    } catch (IOException unknown) {
      // Then one thing less can be told.
      return "";
    }
  }
}

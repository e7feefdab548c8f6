package io.starling.node.cli.doctor;

import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What is thought of a node's directory.
final class DiskChecks {

  private static final long MIB = 1 << 20;
  private static final int WELL = 8;
  private static final Duration SYNC_WELL = Duration.ofMillis(10);
  private static final Duration SYNC_MAX = Duration.ofMillis(100);
  private static final double NANOS_PER_MILLI = 1e6;
  private static final Set<String> NETWORK =
      Set.of(
          "nfs",
          "nfs4",
          "cifs",
          "smb",
          "smb2",
          "smb3",
          "smbfs",
          "9p",
          "ceph",
          "afs",
          "glusterfs",
          "fuse.glusterfs",
          "fuse.sshfs",
          "virtiofs",
          "lustre");
  private static final Set<String> VOLATILE = Set.of("tmpfs", "ramfs");

  private DiskChecks() {}

  /// @param freeMegabytes below which the node refuses writes
  static List<Finding> of(String node, DiskFacts disk, int freeMegabytes) {
    var findings = new ArrayList<Finding>();
    findings.add(free(node, disk.freeBytes() / MIB, freeMegabytes));
    findings.add(fileSystem(node, disk.fileSystem().toLowerCase(Locale.ROOT)));
    findings.add(mode(node, disk.permissions()));
    findings.add(sync(node, disk.sync()));
    return findings;
  }

  private static Finding free(String node, long megabytes, int least) {
    var what = String.format(Locale.ROOT, "%,d MiB of disk are free", megabytes);
    if (megabytes < least) {
      return Finding.fail(
          "disk-free",
          node,
          what + ", less than limits.freeMegabytes (" + least + "): writes are refused",
          "make room; writes come back by themselves");
    }
    return megabytes < (long) least * WELL
        ? Finding.warn(
            "disk-free", node, what, "make room: below " + least + " MiB writes are refused")
        : Finding.ok("disk-free", node, what);
  }

  private static Finding fileSystem(String node, String type) {
    if (NETWORK.contains(type)) {
      return Finding.warn(
          "file-system",
          node,
          "the store is on a network file system (" + type + ")",
          "use a local disk: such systems keep locks and syncs badly, and both are relied on");
    }
    return VOLATILE.contains(type)
        ? Finding.warn(
            "file-system",
            node,
            "the store is in memory (" + type + ") and is gone at the next start of the machine",
            "use a disk, unless this is a trial")
        : Finding.ok("file-system", node, "the store is on " + type);
  }

  private static Finding mode(String node, Set<PosixFilePermission> permissions) {
    var others = EnumSet.noneOf(PosixFilePermission.class);
    others.addAll(permissions);
    others.removeAll(
        EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.OWNER_EXECUTE));
    return others.isEmpty()
        ? Finding.ok("mode", node, "the directory is its owner's alone")
        : Finding.fail(
            "mode",
            node,
            "the directory, which holds keys and a token, is open to others",
            "chmod 700 it");
  }

  private static Finding sync(String node, Optional<Duration> median) {
    if (median.isEmpty()) {
      return Finding.fail(
          "disk-sync",
          node,
          "nothing can be written in the directory",
          "give it to the user that the node runs as, or mount it for writing");
    }
    var time = median.get();
    var what =
        String.format(
            Locale.ROOT, "a write is durable after %.2f ms", time.toNanos() / NANOS_PER_MILLI);
    var todo = "use a faster disk: each group of writes waits so long";
    if (time.compareTo(SYNC_MAX) > 0) {
      return Finding.fail("disk-sync", node, what, todo);
    }
    return time.compareTo(SYNC_WELL) > 0
        ? Finding.warn("disk-sync", node, what, todo)
        : Finding.ok("disk-sync", node, what);
  }
}

package io.starling.node.cli.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is thought of a machine.
final class HostChecks {

  private static final String HOST = "host";
  private static final int JAVA = 25;
  private static final long FILES_LEAST = 1_024;
  private static final long FILES_WELL = 4_096;
  private static final long MIB = 1 << 20;
  private static final long AVAILABLE_LEAST = 256 * MIB;
  private static final long AVAILABLE_WELL = 512 * MIB;

  private HostChecks() {}

  static List<Finding> of(HostFacts host) {
    var findings = new ArrayList<Finding>();
    findings.add(java(host.java()));
    host.openFiles().ifPresent(limit -> findings.add(openFiles(limit)));
    host.memoryAvailable().ifPresent(free -> findings.add(memory(free, host.memoryTotal())));
    findings.add(processors(host.processors()));
    findings.add(clock(host.isClockSynchronised()));
    return findings;
  }

  private static Finding java(int feature) {
    return feature == JAVA
        ? Finding.ok("java", HOST, "Java " + feature)
        : Finding.fail(
            "java", HOST, "Java " + feature, "install JDK " + JAVA + ", or set JAVA_HOME to one");
  }

  private static Finding openFiles(long limit) {
    var what = "a process may have " + limit + " files open";
    var todo = "raise it: 'ulimit -n 65536', or LimitNOFILE=65536 in the systemd unit";
    if (limit < FILES_LEAST) {
      return Finding.fail("open-files", HOST, what, todo);
    }
    return limit < FILES_WELL
        ? Finding.warn("open-files", HOST, what, todo)
        : Finding.ok("open-files", HOST, what);
  }

  private static Finding memory(long available, Optional<Long> total) {
    var of = total.map(all -> " of " + all / MIB).orElse("");
    var what = available / MIB + of + " MiB of memory are available";
    var todo =
        "a node wants 256 MiB at rest and up to 1 GiB under load: stop something, or add some";
    if (available < AVAILABLE_LEAST) {
      return Finding.fail("memory", HOST, what, todo);
    }
    return available < AVAILABLE_WELL
        ? Finding.warn("memory", HOST, what, todo)
        : Finding.ok("memory", HOST, what);
  }

  private static Finding processors(int count) {
    return count > 1
        ? Finding.ok("cpu", HOST, count + " processors")
        : Finding.warn("cpu", HOST, "one processor", "give the node two, or expect slow answers");
  }

  private static Finding clock(Optional<Boolean> isSynchronised) {
    if (isSynchronised.isEmpty()) {
      return Finding.warn(
          "clock-source",
          HOST,
          "whether the clock is kept right cannot be told (no timedatectl, no chronyc)",
          "see that chrony or systemd-timesyncd runs, here or on the machine around this container");
    }
    return isSynchronised.get()
        ? Finding.ok("clock-source", HOST, "the clock is kept right by the network")
        : Finding.warn(
            "clock-source",
            HOST,
            "the clock is not synchronised",
            "run chrony or systemd-timesyncd: of two values written at once the later one reads");
  }
}

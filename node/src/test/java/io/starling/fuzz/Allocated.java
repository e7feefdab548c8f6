package io.starling.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// What the current thread takes of the heap.
final class Allocated {

  /// For exceptions and buffers.
  private static final long BYTES_FREE = 1 << 20;

  /// For each byte read.
  private static final long BYTES_PER_BYTE = 4_096;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocated() {}

  static long bytes() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  /// Most that reading so many bytes may take.
  static long max(int length) {
    return BYTES_FREE + BYTES_PER_BYTE * length;
  }
}

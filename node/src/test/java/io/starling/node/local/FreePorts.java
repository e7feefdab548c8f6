package io.starling.node.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.stream.IntStream;

/// Ports for local clusters of tests, away from those that people use.
public final class FreePorts {

  private static final int LOWEST = 21_000;
  private static final int HIGHEST = 31_000;
  private static final int BLOCK = 100;

  private FreePorts() {}

  /// A number above which the ports of up to nine nodes are free at this moment.
  public static int block() {
    int blocks = (HIGHEST - LOWEST) / BLOCK;
    int start = (int) (ProcessHandle.current().pid() % blocks);
    return IntStream.range(0, blocks)
        .map(i -> LOWEST + BLOCK * ((start + i) % blocks))
        .filter(FreePorts::isFree)
        .findFirst()
        .orElseThrow();
  }

  private static boolean isFree(int first) {
    return IntStream.range(first, first + BLOCK).allMatch(FreePorts::canBind);
  }

  private static boolean canBind(int port) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}

package io.starling.architecture.bad.replica;

import java.io.File;
import java.net.Socket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class Impurities {

  File file() {
    return new File("x");
  }

  Path path() {
    return Path.of("x");
  }

  Socket socket() {
    return new Socket();
  }

  ReentrantLock lock() {
    return new ReentrantLock();
  }

  Thread thread() {
    return Thread.currentThread();
  }

  Logger logger() {
    return LoggerFactory.getLogger("x");
  }

  double chance() {
    return Math.random();
  }

  UUID uuid() {
    return UUID.randomUUID();
  }

  Random seedless() {
    return new Random();
  }

  Random secure() {
    return new SecureRandom();
  }

  SplittableRandom splittable() {
    return new SplittableRandom();
  }

  long nanos() {
    return System.nanoTime();
  }

  long millis() {
    return System.currentTimeMillis();
  }

  Instant now() {
    return Instant.now();
  }

  Supplier<Instant> reference() {
    return Instant::now;
  }

  Clock clock() {
    return Clock.systemUTC();
  }

  int identity() {
    return System.identityHashCode(this);
  }

  void shuffle() {
    var list = new ArrayList<String>();
    Collections.shuffle(list);
    assert list.isEmpty();
  }
}

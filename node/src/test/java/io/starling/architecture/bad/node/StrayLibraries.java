package io.starling.architecture.bad.node;

import ch.qos.logback.classic.Level;
import com.cronutils.model.Cron;
import com.hazelcast.core.HazelcastInstance;
import io.grpc.Status;
import io.micrometer.core.instrument.Meter;
import io.netty.buffer.ByteBuf;
import io.opentelemetry.api.trace.Tracer;
import io.vertx.core.Vertx;
import org.bouncycastle.crypto.Digest;
import org.rocksdb.RocksDB;
import picocli.CommandLine;
import software.amazon.awssdk.services.s3.S3Client;

interface StrayLibraries {
  RocksDB rocksdb();

  Vertx vertx();

  Status grpc();

  ByteBuf netty();

  HazelcastInstance hazelcast();

  Digest bouncycastle();

  Meter micrometer();

  Tracer opentelemetry();

  Level logback();

  CommandLine picocli();

  Cron cronutils();

  S3Client s3();
}

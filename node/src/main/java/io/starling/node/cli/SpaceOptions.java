package io.starling.node.cli;

import com.google.protobuf.Duration;
import io.starling.proto.v1.SpaceSettings;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// What can be set for a space.
final class SpaceOptions {

  @Option(
      names = "--retention-size",
      paramLabel = "SIZE",
      converter = Quantities.Size.class,
      description = "bytes of the log that each host keeps: 512MiB, 1GiB; over it the oldest go")
  private Optional<Long> size = Optional.empty();

  @Option(
      names = "--retention-age",
      paramLabel = "TIME",
      converter = Quantities.Time.class,
      description = "how long a batch is kept that not all hosts have: 24h, 30d")
  private Optional<java.time.Duration> age = Optional.empty();

  @Option(
      names = "--stable-age",
      paramLabel = "TIME",
      converter = Quantities.Time.class,
      description = "how long a batch is kept that all hosts have; not longer than the other")
  private Optional<java.time.Duration> stableAge = Optional.empty();

  @Option(
      names = "--members",
      paramLabel = "NAME",
      split = ",",
      description = "who hosts it, by name or id, separated by commas; all if not said")
  private List<String> members = List.of();

  SpaceSettings message() {
    var message = SpaceSettings.newBuilder().addAllMembers(members);
    size.ifPresent(message::setLogBytes);
    age.ifPresent(it -> message.setLogAge(duration(it)));
    stableAge.ifPresent(it -> message.setLogStableAge(duration(it)));
    return message.build();
  }

  boolean isEmpty() {
    return size.isEmpty() && age.isEmpty() && stableAge.isEmpty() && members.isEmpty();
  }

  private static Duration duration(java.time.Duration age) {
    return Duration.newBuilder().setSeconds(age.toSeconds()).build();
  }
}

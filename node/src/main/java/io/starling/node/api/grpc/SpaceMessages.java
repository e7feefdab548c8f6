package io.starling.node.api.grpc;

import com.google.protobuf.Duration;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.space.ListedSpace;
import io.starling.node.space.SpaceChange;
import io.starling.node.space.SpaceSettings;
import io.starling.proto.v1.SpaceEntry;
import io.starling.proto.v1.SpaceHost;
import io.starling.proto.v1.SpaceHosting;
import io.starling.replica.batch.SpaceId;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// Spaces and their settings as messages.
final class SpaceMessages {

  private SpaceMessages() {}

  static SpaceEntry of(ListedSpace space) {
    var message =
        SpaceEntry.newBuilder()
            .setName(space.name())
            .setId(space.id().toString())
            .setGeneration(space.generation())
            .setCells(space.cells())
            .setLogBytes(space.logBytes())
            .setHosting(hosting(space.hosting()))
            .setSettings(settings(space.settings()));
    for (var host : space.hosts()) {
      message.addHosts(SpaceHost.newBuilder().setId(host.key().toString()).setName(host.name()));
    }
    return message.build();
  }

  private static SpaceHosting hosting(ListedSpace.Hosting hosting) {
    return switch (hosting) {
      case HERE -> SpaceHosting.SPACE_HOSTING_HERE;
      case ELSEWHERE -> SpaceHosting.SPACE_HOSTING_ELSEWHERE;
      case LEAVING -> SpaceHosting.SPACE_HOSTING_LEAVING;
    };
  }

  private static io.starling.proto.v1.SpaceSettings settings(SpaceSettings settings) {
    var message = io.starling.proto.v1.SpaceSettings.newBuilder();
    settings.logBytes().ifPresent(message::setLogBytes);
    settings.logAge().ifPresent(age -> message.setLogAge(duration(age)));
    settings.stableAge().ifPresent(age -> message.setLogStableAge(duration(age)));
    settings.members().stream().map(KeyFingerprint::toString).forEach(message::addMembers);
    return message.build();
  }

  private static Duration duration(java.time.Duration age) {
    return Duration.newBuilder().setSeconds(age.getSeconds()).setNanos(age.getNano()).build();
  }

  static SpaceChange change(io.starling.proto.v1.SpaceSettings settings, List<String> reset) {
    return new SpaceChange(
        settings.hasLogBytes() ? Optional.of(settings.getLogBytes()) : Optional.empty(),
        settings.hasLogAge() ? Optional.of(duration(settings.getLogAge())) : Optional.empty(),
        settings.hasLogStableAge()
            ? Optional.of(duration(settings.getLogStableAge()))
            : Optional.empty(),
        settings.getMembersCount() > 0
            ? Optional.of(List.copyOf(settings.getMembersList()))
            : Optional.empty(),
        new TreeSet<>(reset));
  }

  // Beyond what a Duration holds is beyond what may be set, too.
  private static java.time.Duration duration(Duration age) {
    long seconds = Math.clamp(age.getSeconds(), -1L, Integer.MAX_VALUE);
    return java.time.Duration.ofSeconds(seconds);
  }

  /// The id that a request names; empty if it names none.
  static Optional<SpaceId> id(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(SpaceId.parse(text));
  }
}

/// Hints by an embedded Hazelcast member: the one package that knows Hazelcast.
///
/// Depends on [io.starling.node.discovery] and on `io.starling.node.config`. Start at
/// [io.starling.node.discovery.hazelcast.HazelcastDiscovery];
/// [io.starling.node.discovery.hazelcast.MemberSettings] has every setting of the member with its
/// reason.
@NullMarked
package io.starling.node.discovery.hazelcast;

import org.jspecify.annotations.NullMarked;

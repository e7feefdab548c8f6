/// Tests against real Hazelcast members, on loopback.
package io.starling.node.discovery.hazelcast;

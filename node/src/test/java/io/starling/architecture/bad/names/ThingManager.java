package io.starling.architecture.bad.names;

final class ThingManager {}

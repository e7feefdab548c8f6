package io.starling.architecture.bad.names;

abstract class AbstractThing {}

package io.starling.architecture.bad.replica;

import io.starling.architecture.bad.crdt.model.AllowedModel;

/// An engine that runs on what it is held against.
record KnowsTheModel(AllowedModel model) {}

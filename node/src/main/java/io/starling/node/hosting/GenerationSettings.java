package io.starling.node.hosting;

import io.starling.node.space.SpaceSettings;
import java.util.function.Supplier;

/// The settings of one generation of a space. When it is no more the present one, those that it had
/// last: what is still here of it concerns nobody else.
final class GenerationSettings implements Supplier<SpaceSettings> {

  private final SpaceDocuments documents;
  private final String name;
  private final long generation;
  private volatile SpaceSettings last;

  GenerationSettings(SpaceDocuments documents, String name, long generation) {
    this.documents = documents;
    this.name = name;
    this.generation = generation;
    this.last = documents.find(name).settings();
  }

  @Override
  public SpaceSettings get() {
    var now = documents.find(name);
    if (now.generation() == generation && now.isCreated()) {
      last = now.settings();
    }
    return last;
  }
}

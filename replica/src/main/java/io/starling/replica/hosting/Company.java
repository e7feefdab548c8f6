package io.starling.replica.hosting;

/// Who hosts a space beside one member, as that one knows it by now.
public enum Company {
  /// Others as well, or that is not known yet.
  AMONG_HOSTS,
  /// Nobody, lapsed members included: they come back with what they have.
  ALONE,
  /// The member itself is no host: others give it nothing.
  NO_HOST
}

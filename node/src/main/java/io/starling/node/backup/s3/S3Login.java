package io.starling.node.backup.s3;

import io.starling.node.backup.repository.RepositoryException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileProperty;
import software.amazon.awssdk.regions.Region;

/// As whom a store of objects is asked, and in which region: what the tools of S3 all read, so what
/// works there works here. Never from a command line, which others see.
///
/// First comes the environment, then the profile files; at Amazon, where no endpoint is named, what
/// the machine itself is given there. That one is asked over the network, so nowhere else.
final class S3Login {

  private static final String PROFILE_UNLESS = "default";
  private static final String REGION_UNLESS = "us-east-1";

  private final S3Place place;
  private final Map<String, String> environment;
  private final ProfileFile profiles;
  private final String profile;

  /// @param environment as [System#getenv()] gives it
  /// @throws RepositoryException if a profile file is named and cannot be read
  S3Login(S3Place place, Map<String, String> environment) throws RepositoryException {
    this.place = place;
    this.environment = environment;
    this.profile = variable("AWS_PROFILE").orElse(PROFILE_UNLESS);
    this.profiles = profiles();
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(it -> !it.isBlank());
  }

  private ProfileFile profiles() throws RepositoryException {
    var all = ProfileFile.aggregator();
    add(all, "AWS_SHARED_CREDENTIALS_FILE", "credentials", ProfileFile.Type.CREDENTIALS);
    add(all, "AWS_CONFIG_FILE", "config", ProfileFile.Type.CONFIGURATION);
    return all.build();
  }

  private void add(
      ProfileFile.Aggregator all, String variable, String unless, ProfileFile.Type type)
      throws RepositoryException {
    var named = variable(variable).map(Path::of);
    var file = named.or(() -> variable("HOME").map(home -> Path.of(home, ".aws", unless)));
    if (file.isEmpty() || (named.isEmpty() && !Files.isReadable(file.get()))) {
      return;
    }
    try {
      all.addFile(ProfileFile.builder().content(file.get()).type(type).build());
    } catch (RuntimeException unreadable) {
      throw new RepositoryException(
          "the profiles in " + file.get() + " cannot be read: " + unreadable.getMessage(),
          unreadable);
    }
  }

  ProfileFile file() {
    return profiles;
  }

  String profile() {
    return profile;
  }

  /// Who asks.
  ///
  /// @throws RepositoryException if nothing says
  AwsCredentialsProvider credentials() throws RepositoryException {
    var key = variable("AWS_ACCESS_KEY_ID");
    var secret = variable("AWS_SECRET_ACCESS_KEY");
    if (key.isPresent() != secret.isPresent()) {
      throw new RepositoryException(
          "the environment has only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; it needs"
              + " both for "
              + place);
    }
    if (key.isPresent()) {
      return StaticCredentialsProvider.create(
          ofEnvironment(key.get(), secret.get(), variable("AWS_SESSION_TOKEN")));
    }
    if (profiles.profile(profile).isPresent()) {
      return ofProfile();
    }
    if (place.options().endpoint().isEmpty() && variable("AWS_EC2_METADATA_DISABLED").isEmpty()) {
      return InstanceProfileCredentialsProvider.create();
    }
    throw new RepositoryException(
        "there are no credentials for "
            + place
            + ": set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a file with profile '"
            + profile
            + "' in AWS_SHARED_CREDENTIALS_FILE");
  }

  private static AwsCredentials ofEnvironment(String key, String secret, Optional<String> session) {
    return session.isPresent()
        ? AwsSessionCredentials.create(key, secret, session.get())
        : AwsBasicCredentials.create(key, secret);
  }

  private AwsCredentialsProvider ofProfile() throws RepositoryException {
    try {
      var found =
          ProfileCredentialsProvider.builder().profileFile(profiles).profileName(profile).build();
      found.resolveCredentials();
      return found;
    } catch (SdkException | IllegalStateException incomplete) {
      throw new RepositoryException(
          "profile '"
              + profile
              + "' has no credentials for "
              + place
              + ": "
              + incomplete.getMessage(),
          incomplete);
    }
  }

  /// Where. Servers that are not Amazon's mostly have one, and call it as Amazon's first.
  ///
  /// @throws RepositoryException if nothing says, and it matters
  Region region() throws RepositoryException {
    var said =
        place
            .options()
            .region()
            .or(() -> variable("AWS_REGION"))
            .or(() -> variable("AWS_DEFAULT_REGION"))
            .or(() -> profiles.profile(profile).flatMap(it -> it.property(ProfileProperty.REGION)));
    if (said.isEmpty() && place.options().endpoint().isEmpty()) {
      throw new RepositoryException(
          "nothing says in which region "
              + place
              + " is: set backup.s3.region, --s3-region or"
              + " AWS_REGION; or backup.s3.endpoint or --s3-endpoint if it is not at Amazon");
    }
    try {
      return Region.of(S3Options.region(said.orElse(REGION_UNLESS)));
    } catch (IllegalArgumentException wrong) {
      throw new RepositoryException("the region " + wrong.getMessage(), wrong);
    }
  }
}

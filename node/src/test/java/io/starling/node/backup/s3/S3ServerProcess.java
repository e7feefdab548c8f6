package io.starling.node.backup.s3;

import java.net.URI;
import java.util.Properties;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;

/// A process of its own for [S3Server]: serves S3 on loopback and says at which port.
final class S3ServerProcess {

  private S3ServerProcess() {}

  /// @param arguments the port, the access key, its secret; a directory, else all is in memory
  public static void main(String[] arguments) throws Exception {
    var settings = new Properties();
    if (arguments.length > 3) {
      settings.setProperty("jclouds.filesystem.basedir", arguments[3]);
    }
    var server =
        S3Proxy.builder()
            .blobStore(
                BlobStores.create(
                    arguments.length > 3 ? "filesystem-nio2" : "transient-nio2", settings))
            .endpoint(URI.create("http://127.0.0.1:" + arguments[0]))
            .awsAuthentication(AuthenticationType.AWS_V4, arguments[1], arguments[2])
            .build();
    server.start();
    System.out.println(server.getPort());
    // Whoever began this holds the other end; when it is gone, so is this.
    while (System.in.read() >= 0) {
      continue;
    }
    System.exit(0);
  }
}

package io.starling.example;

import static io.starling.client.Place.at;

import io.starling.client.StarlingClient;
import io.starling.client.Transaction;
import io.starling.client.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Keeps users in a cluster. Arguments: the authority's certificate, a bearer token, nodes.
public final class FirstSteps {

  private FirstSteps() {}

  public static void main(String... args) throws IOException {
    try (var cluster =
        StarlingClient.builder()
            .authority(Path.of(args[0]))
            .token(args[1])
            .nodes(List.of(args).subList(2, args.length))
            .build()) {
      var session = cluster.session("main");
      session.apply(
          Transaction.begin()
              .merge(at("user/7"), "{\"name\": \"Ada\"}")
              .increment(at("user/7", "logins"), 1)
              .add(at("user/7", "langs"), Value.of("java"))
              .build());

      var user = session.read(at("user/7", "name")); // on any node: reads what was written
      session.apply(user.edit().set(user.place(), Value.of(user.asText() + " L.")).build());

      session.scan("user/").forEach(it -> System.out.println(it.key() + " " + it.reading().json()));
    }
  }
}

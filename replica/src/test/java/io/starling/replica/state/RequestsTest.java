package io.starling.replica.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.replica.batch.RequestKey;
import io.starling.replica.port.MemoryState;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class RequestsTest {

  private final MemoryState state = new MemoryState();

  @Test
  void theOldestAreForgottenAndTheStoreStaysBounded() {
    for (int i = 0; i < 50; i++) {
      var staging = new Staging(state);
      new Requests(staging, 10).note("ada", new RequestKey("r" + i, i), i);
      state.persist(staging.take());
    }
    var requests = new Requests(new Staging(state), 10);
    assertThat(requests.find("ada", "r39")).isEmpty();
    assertThat(requests.find("ada", "r40")).contains(new Requests.Made(40, 40));
    assertThat(requests.find("ada", "r49")).contains(new Requests.Made(49, 49));
    var kept = new ArrayList<byte[]>();
    state.scan(
        io.starling.replica.port.Table.META, new byte[0], new byte[0], (key, _) -> kept.add(key));
    assertThat(kept).hasSize(21);
  }
}

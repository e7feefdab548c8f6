package io.starling.replica.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.SpaceId;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

final class TokenTest {

  @Test
  void aStoreMayHoldMoreHeadsThanAreTakenFromElsewhere() throws MalformedException {
    var key = new KeyFingerprint(1, 2);
    var heads = new ArrayList<Token.Prefix>();
    for (int i = 0; i <= Token.HEADS_MAX; i++) {
      heads.add(new Token.Prefix(new ReplicaId(key, i), 1, i));
    }
    var token = new Token(new SpaceId(3, 4), heads);
    assertThat(Token.ofStore(token.toBytes())).isEqualTo(token);
    assertThatThrownBy(() -> Token.fromBytes(token.toBytes()))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("heads");
  }
}

package io.starling.replica;

import static io.starling.replica.request.Outcome.Reason.FAILED_PRECONDITION;
import static io.starling.replica.request.Outcome.Reason.INVALID_ARGUMENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.request.Mutation;
import org.junit.jupiter.api.Test;

/// Registers that read the greatest or least of what was written concurrently, and go no step back.
final class RegisterRuleTest {

  private static final Path KEY = Path.of("high-score");

  private final Cluster cluster = new Cluster(2);
  private final Cluster.Member one = cluster.member(0);
  private final Cluster.Member other = cluster.member(1);

  @Test
  void ofConcurrentValuesTheGreatestIsReadWhicheverIsLater() {
    one.commit(max(70));
    other.commit(max(50));
    cluster.deliverAll();

    assertThat(read(one)).isEqualTo(new Value.Int(70));
    assertThat(read(other)).isEqualTo(new Value.Int(70));
  }

  @Test
  void whatIsNotGreaterIsNotWritten() {
    one.commit(max(70));

    assertThat(one.commit(max(50)).operations()).isZero();
    assertThat(one.commit(max(70)).operations()).isZero();
    assertThat(one.commit(max(71)).operations()).isOne();
    assertThat(read(one)).isEqualTo(new Value.Int(71));
  }

  @Test
  void theLeastIsReadLikewise() {
    one.commit(set(new Value.Text("b"), ReadRule.MIN));
    other.commit(set(new Value.Text("a"), ReadRule.MIN));
    cluster.deliverAll();

    assertThat(read(one)).isEqualTo(new Value.Text("a"));
    assertThat(one.commit(set(new Value.Text("b"), ReadRule.MIN)).operations()).isZero();
  }

  /// Whoever changes the rule means the value as well.
  @Test
  void anotherRuleReplacesWhatWasThere() {
    one.commit(max(70));
    one.commit(set(new Value.Int(3), ReadRule.LATEST));
    assertThat(read(one)).isEqualTo(new Value.Int(3));
    one.commit(max(1));
    assertThat(read(one)).isEqualTo(new Value.Int(1));
  }

  /// What has no rank can only have been written under another rule, at the same time.
  @Test
  void whatHasNoRankIsNotReadBesideWhatHas() {
    other.commit(set(new Value.Array(java.util.List.of(new Value.Int(1))), ReadRule.LATEST));
    cluster.pass(1);
    one.commit(max(70));
    cluster.deliverAll();
    assertThat(read(one)).isEqualTo(new Value.Int(70));

    assertThat(other.commit(max(100)).operations()).isOne();
    cluster.deliverAll();
    assertThat(read(one)).isEqualTo(new Value.Int(100));
  }

  @Test
  void whatStandsIsWrittenWhereItSettlesAConflictOfTypes() {
    one.commit(max(70));
    other.commit(new Mutation.Increment(KEY, 1));
    cluster.deliverAll();
    assertThat(one.view("high-score")).isInstanceOf(View.Conflict.class);

    assertThat(one.commit(max(70)).operations()).isOne();
    assertThat(read(one)).isEqualTo(new Value.Int(70));
  }

  /// Who merges a document does not say how its fields are read.
  @Test
  void aDocumentKeepsTheRuleOfAField() {
    var field = Path.of("player").field("best");
    one.commit(new Mutation.Set(field, new Value.Int(70), ReadRule.MAX));
    one.commit(merge(new Value.Int(50)));
    assertThat(one.reader().view(field, 9).toValue()).isEqualTo(new Value.Int(70));

    one.commit(merge(new Value.Int(80)));
    assertThat(one.reader().view(field, 9).toValue()).isEqualTo(new Value.Int(80));
    assertThat(one.refused(merge(new Value.Bool(true))).reason()).isEqualTo(INVALID_ARGUMENT);
  }

  private static Mutation merge(Value best) {
    var fields = new java.util.TreeMap<String, Value>();
    fields.put("best", best);
    return new Mutation.Merge(Path.of("player"), new Value.Struct(fields), true);
  }

  @Test
  void onlyNumbersAndTextHaveAnOrderThatMeansSomething() {
    var outcome = one.refused(set(new Value.Bool(true), ReadRule.MAX));

    assertThat(outcome.reason()).isEqualTo(INVALID_ARGUMENT);
    assertThat(outcome.message()).contains("numbers and text only");
  }

  @Test
  void nothingNewIsWrittenBeforeAllMembersReadIt() {
    cluster.batchFormat = BatchEncoding.FORMAT - 1;
    var outcome = one.refused(max(70));

    assertThat(outcome.reason()).isEqualTo(FAILED_PRECONDITION);
    assertThat(outcome.message()).contains("upgrade");
    assertThat(read(one)).isEqualTo(new Value.Null());

    cluster.batchFormat = BatchEncoding.FORMAT;
    one.commit(max(70));
    assertThat(read(one)).isEqualTo(new Value.Int(70));
  }

  private static Mutation max(long value) {
    return set(new Value.Int(value), ReadRule.MAX);
  }

  private static Mutation set(Value value, ReadRule rule) {
    return new Mutation.Set(KEY, value, rule);
  }

  private static Value read(Cluster.Member member) {
    View view = member.view("high-score");
    return view.toValue();
  }
}

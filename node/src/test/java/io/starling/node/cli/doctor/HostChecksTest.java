package io.starling.node.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is thought of facts, which are made up here.
final class HostChecksTest {

  private static final long MIB = 1 << 20;

  private static HostFacts host(
      int java, long files, long available, int processors, Optional<Boolean> clock) {
    return new HostFacts(
        java,
        Optional.of(files),
        Optional.of(8_192 * MIB),
        Optional.of(available * MIB),
        processors,
        clock);
  }

  private static Verdict verdict(List<Finding> findings, String check) {
    return findings.stream()
        .filter(finding -> finding.check().equals(check))
        .findFirst()
        .orElseThrow()
        .verdict();
  }

  @Test
  void aGoodHostHasNoFaults() {
    assertThat(HostChecks.of(host(25, 65_536, 4_000, 4, Optional.of(true))))
        .hasSize(5)
        .allMatch(finding -> finding.verdict() == Verdict.OK);
  }

  @Test
  void whatAHostLacksIsSaidWithARemedy() {
    var findings = HostChecks.of(host(21, 1_000, 100, 1, Optional.of(false)));
    assertThat(verdict(findings, "java")).isEqualTo(Verdict.FAIL);
    assertThat(verdict(findings, "open-files")).isEqualTo(Verdict.FAIL);
    assertThat(verdict(findings, "memory")).isEqualTo(Verdict.FAIL);
    assertThat(verdict(findings, "cpu")).isEqualTo(Verdict.WARN);
    assertThat(verdict(findings, "clock-source")).isEqualTo(Verdict.WARN);
    assertThat(findings).noneMatch(finding -> finding.todo().isEmpty());
    var scarce = HostChecks.of(host(25, 2_048, 400, 2, Optional.empty()));
    assertThat(verdict(scarce, "open-files")).isEqualTo(Verdict.WARN);
    assertThat(verdict(scarce, "memory")).isEqualTo(Verdict.WARN);
    assertThat(verdict(scarce, "clock-source")).isEqualTo(Verdict.WARN);
  }

  @Test
  void whatASystemDoesNotTellIsNotMadeUp() {
    var silent =
        new HostFacts(
            25, Optional.empty(), Optional.empty(), Optional.empty(), 2, Optional.of(true));
    assertThat(HostChecks.of(silent))
        .extracting(Finding::check)
        .containsExactly("java", "cpu", "clock-source");
  }

  @Test
  void thisMachineTellsOfItself() throws Exception {
    var facts = HostFacts.read();
    assertThat(facts.java()).isEqualTo(25);
    assertThat(facts.processors()).isPositive();
    assertThat(facts.openFiles().orElseThrow()).isPositive();
    assertThat(facts.memoryAvailable().orElseThrow()).isBetween(MIB, 1L << 50);
  }

  private static List<Finding> disk(long free, String type, String mode, Optional<Long> sync) {
    var facts =
        new DiskFacts(
            free * MIB, type, PosixFilePermissions.fromString(mode), sync.map(Duration::ofMillis));
    return DiskChecks.of("n", facts, 128);
  }

  @ParameterizedTest
  @CsvSource({
    "disk-free,   50000, ext4,  rwx------, 1,   OK",
    "disk-free,   500,   ext4,  rwx------, 1,   WARN",
    "disk-free,   100,   ext4,  rwx------, 1,   FAIL",
    "file-system, 50000, xfs,   rwx------, 1,   OK",
    "file-system, 50000, nfs4,  rwx------, 1,   WARN",
    "file-system, 50000, CIFS,  rwx------, 1,   WARN",
    "file-system, 50000, tmpfs, rwx------, 1,   WARN",
    "mode,        50000, ext4,  rwx------, 1,   OK",
    "mode,        50000, ext4,  rwxr-x---, 1,   FAIL",
    "mode,        50000, ext4,  rwx-----x, 1,   FAIL",
    "disk-sync,   50000, ext4,  rwx------, 9,   OK",
    "disk-sync,   50000, ext4,  rwx------, 40,  WARN",
    "disk-sync,   50000, ext4,  rwx------, 400, FAIL"
  })
  void disksAreJudged(String check, long free, String type, String mode, long sync, Verdict is) {
    assertThat(verdict(disk(free, type, mode, Optional.of(sync)), check)).isEqualTo(is);
  }

  @Test
  void aDirectoryThatCannotBeWrittenIsAFault() {
    assertThat(verdict(disk(50_000, "ext4", "rwx------", Optional.empty()), "disk-sync"))
        .isEqualTo(Verdict.FAIL);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 5, OK",
    "400, 5, OK",
    "-400, 5, OK",
    "900, 500, OK",
    "900, 5, WARN",
    "-900, 5, WARN",
    "31000, 5, FAIL",
    "-31000, 5, FAIL"
  })
  void clocksAreJudgedByWhatWasSurelyMeasured(long ahead, long within, Verdict is) {
    var offset = new ClockChecks.Offset(Duration.ofMillis(ahead), Duration.ofMillis(within));
    assertThat(ClockChecks.of("n", offset).verdict()).isEqualTo(is);
  }
}

package io.starling.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TidyTest {

  private static final Tidiness TREE = new Tidiness(TreeFiles.here());

  @TempDir private Path folder;

  @Test
  void everyPackageIsDescribed() {
    assertThat(TREE.undescribedPackages()).isEmpty();
  }

  @Test
  void everyLinkLeadsSomewhere() {
    assertThat(TREE.deadLinks()).isEmpty();
  }

  @Test
  void everyPromiseNamesItsIssue() {
    assertThat(TREE.unkeptPromises()).isEmpty();
  }

  @Test
  void noFileNamesAFolderOfOneMachine() {
    assertThat(TREE.privatePaths()).isEmpty();
  }

  @Test
  void nothingRestsOnASnapshot() {
    assertThat(TREE.snapshots()).isEmpty();
  }

  @Test
  void noTestIsSwitchedOff() {
    assertThat(TREE.switchedOffTests()).isEmpty();
  }

  @Test
  void everyTestIsRun() {
    assertThat(TREE.unrunTests()).isEmpty();
  }

  @Test
  void eachOffenceIsFound() throws IOException {
    write("pom.xml", "<version>1-SNAP" + "SHOT</version>");
    write("a/src/main/java/p/T.java", "// TO" + "DO later\n// TO" + "DO(#7) known\n");
    write("a/src/main/java/q/T.java", "var x = \"/wo" + "rk/x\";\nvar y = \"/api/wo" + "rk/\";\n");
    write("a/src/main/java/q/package-info.java", "/// Described.\n@NullMarked\npackage q;\n");
    write("a/src/test/java/q/TTest.java", "@Disabled\nvoid x() {}\n");
    write(
        "docs/a.md",
        "# A head: line\n[ok](a.md#a-head-line) [ok](https://x.example) [no](b.md) [no](#b)\n");
    write("starling-data/cluster.properties", "count=3\n");
    write("starling-data/node-1/LOG", "files in /wo" + "rk/x\n");
    write("a/src/test/java/q/Proof.java", "@Property\nvoid x() {}\nfinal class Proof {}\n");
    var tree = new Tidiness(TreeFiles.below(folder));
    assertThat(tree.unrunTests()).containsExactly("a/src/test/java/q/Proof.java");
    assertThat(tree.snapshots()).hasSize(1).first().asString().startsWith("pom.xml:1:");
    assertThat(tree.unkeptPromises()).singleElement().asString().contains("p/T.java:1:");
    assertThat(tree.undescribedPackages()).containsExactly("a/src/main/java/p");
    assertThat(tree.privatePaths()).singleElement().asString().contains("q/T.java:1:");
    assertThat(tree.switchedOffTests()).singleElement().asString().contains("TTest.java:1:");
    assertThat(tree.deadLinks()).containsExactly("docs/a.md: b.md", "docs/a.md: #b");
  }

  private void write(String path, String text) throws IOException {
    var file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}

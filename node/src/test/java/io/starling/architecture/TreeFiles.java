package io.starling.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The text files of the repository, but for what tools make or fetch.
///
/// @param texts content by path relative to the root
record TreeFiles(Path root, Map<Path, String> texts) {

  private static final Set<String> MADE =
      Set.of(".git", "target", "node_modules", "dist", ".starling", ".idea", ".vscode");

  private static final long SIZE_MAX = 1 << 20;

  /// The tree this test runs in.
  static TreeFiles here() {
    var root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("LICENSE"))) {
      root = root.getParent();
    }
    return below(root);
  }

  static TreeFiles below(Path root) {
    var texts = new TreeMap<Path, String>();
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              return isMade(root, folder) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              // In a worktree, `.git` is a file that names a folder.
              boolean isText = attributes.isRegularFile() && attributes.size() <= SIZE_MAX;
              if (isText && !file.getFileName().toString().equals(".git")) {
                text(file).ifPresent(text -> texts.put(root.relativize(file), text));
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return new TreeFiles(root, texts);
  }

  private static boolean isMade(Path root, Path folder) {
    // The last is what a cluster leaves behind that was started in the tree, wherever that is.
    return !folder.equals(root)
        && (MADE.contains(folder.getFileName().toString())
            || Files.exists(folder.resolve("cluster.properties")));
  }

  private static Optional<String> text(Path file) throws IOException {
    var bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    try {
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
    } catch (CharacterCodingException binary) {
      return Optional.empty();
    }
  }

  List<Path> named(String suffix) {
    return texts.keySet().stream().filter(path -> path.toString().endsWith(suffix)).toList();
  }
}

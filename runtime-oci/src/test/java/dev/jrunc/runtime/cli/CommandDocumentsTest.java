package dev.jrunc.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The committed documents are those of the table; {@code make docs} writes them again. */
class CommandDocumentsTest {
  private static final Path DOCS = Path.of("..", "docs");

  @Test
  void theManualPageIsCurrent() throws IOException {
    current(DOCS.resolve("man/jrunc.8"), Documents.manualPage());
  }

  @Test
  void theCompletionIsCurrent() throws IOException {
    current(DOCS.resolve("completion/jrunc.bash"), Documents.bashCompletion());
  }

  private static void current(Path file, String content) throws IOException {
    if (Boolean.getBoolean("jrunc.docs.write")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
    }
    assertEquals(content, Files.readString(file), "run \"make docs\"");
  }
}

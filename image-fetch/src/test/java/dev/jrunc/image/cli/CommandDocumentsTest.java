package dev.jrunc.image.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The committed page is that of the table of commands; {@code make docs} writes it again. */
class CommandDocumentsTest {
  private static final Path PAGE = Path.of("..", "docs", "man", "jimage.1");

  @Test
  void theManualPageIsCurrent() throws IOException {
    String page = ManualPage.of(JimageCommand.commandLine());
    if (Boolean.getBoolean("jrunc.docs.write")) {
      Files.writeString(PAGE, page);
    }
    assertEquals(page, Files.readString(PAGE), "run \"make docs\"");
  }
}

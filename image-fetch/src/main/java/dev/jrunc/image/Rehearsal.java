package dev.jrunc.image;

import dev.jrunc.image.cli.JimageCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs a file of command lines in one JVM, so that one AOT cache (JEP 514) learns all of them. Only
 * the build calls it. It lives beside {@link Main} because a cache is bound to the class path it
 * was made with.
 */
public final class Rehearsal {
  private Rehearsal() {}

  public static void main(String[] arguments) throws IOException {
    int worst = 0;
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      if (line.isEmpty()) {
        continue;
      }
      worst = Math.max(worst, JimageCommand.run(line.split(" ", -1)));
    }
    System.exit(worst);
  }
}

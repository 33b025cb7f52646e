package dev.jrunc.image.copy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A layout in a folder. */
record FolderFiles(Path folder) implements LayoutFiles {
  @Override
  public String label() {
    return "\"" + folder + "\"";
  }

  @Override
  public InputStream open(String path) throws IOException {
    return Files.newInputStream(folder.resolve(path));
  }

  @Override
  public void close() {}
}

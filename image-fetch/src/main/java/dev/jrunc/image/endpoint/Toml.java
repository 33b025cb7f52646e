package dev.jrunc.image.endpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Configuration files in TOML. The library is loaded only for a file that says something. */
final class Toml {
  private static final long LARGEST = 4L * 1024 * 1024;

  private Toml() {}

  /** The content of the file, {@code null} if it is not there or nothing in it is of interest. */
  static @Nullable JsonNode read(Path file, Pattern interest) {
    try {
      if (Files.size(file) > LARGEST) {
        throw new ImageFailure("\"" + file + "\" is larger than " + LARGEST + " bytes");
      }
      String text = Files.readString(file, StandardCharsets.UTF_8);
      return interest.matcher(text).find() ? parse(file, text) : null;
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw Reasons.cannotRead(file, e);
    }
  }

  private static JsonNode parse(Path file, String text) {
    try {
      return new TomlMapper().readTree(text);
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
      throw new ImageFailure(
          "\"%s\" is not valid TOML: %s%s".formatted(file, e.getOriginalMessage(), where), e);
    }
  }
}

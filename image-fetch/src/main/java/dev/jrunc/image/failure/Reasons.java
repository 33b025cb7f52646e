package dev.jrunc.image.failure;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Turns what the file system says into the reason part of a sentence. */
public final class Reasons {
  private Reasons() {}

  public static ImageFailure cannotWrite(Path where, IOException cause) {
    return new ImageFailure("cannot write to \"" + where + "\": " + of(cause) + hint(cause), cause);
  }

  public static ImageFailure cannotRead(Path where, IOException cause) {
    return new ImageFailure("cannot read \"" + where + "\": " + of(cause), cause);
  }

  public static String of(Throwable cause) {
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (cause instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (cause instanceof FileSystemException failed && failed.getReason() != null) {
      return lowerFirst(failed.getReason());
    }
    String message = cause.getMessage();
    return message == null || message.isBlank()
        ? cause.getClass().getSimpleName()
        : lowerFirst(message);
  }

  public static boolean isFullDisk(Throwable cause) {
    String reason = of(cause);
    return reason.contains("no space left on device") || reason.contains("disk quota exceeded");
  }

  private static String hint(IOException cause) {
    return isFullDisk(cause) ? "; free some space and try again" : "";
  }

  private static String lowerFirst(String text) {
    boolean acronym = text.length() > 1 && Character.isUpperCase(text.charAt(1));
    return acronym ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }
}

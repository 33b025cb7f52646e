package dev.jrunc.image;

import dev.jrunc.image.cli.JimageCommand;

/** The entry of jimage. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(JimageCommand.run(arguments));
  }
}

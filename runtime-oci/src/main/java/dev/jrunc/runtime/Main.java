package dev.jrunc.runtime;

import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.teavm.NativeGate;
import dev.jrunc.kernel.teavm.NativeProcess;
import dev.jrunc.runtime.cli.Jrunc;
import java.util.ArrayList;
import java.util.List;

/** The entry point of jrunc. */
public final class Main {
  private Main() {}

  /** Runs one command line; does not return. */
  public static void main(String[] args) {
    Linux linux = Linux.over(new NativeGate());
    List<String> words = new ArrayList<>(args.length + 1);
    words.add("jrunc");
    for (String word : args) {
      words.add(word);
    }
    int code = new Jrunc(linux, NativeProcess.environment()).run(words);
    linux.processes().exit(code);
  }
}

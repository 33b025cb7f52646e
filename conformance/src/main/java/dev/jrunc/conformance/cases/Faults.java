package dev.jrunc.conformance.cases;

import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Lets system calls of {@code create} fail, one a time, by strace(1): whatever fails, the command
 * ends, says something, and leaves nothing; or goes on, and the container can be deleted.
 */
final class Faults {
  private static final int LONGEST_SECONDS = 30;
  private static final Pattern CALL = Pattern.compile("([0-9]+) +([a-z0-9_]+)\\(.*");

  /** What reports a failure cannot report its own, and before main there is nobody to report. */
  private static final List<String> SILENT =
      List.of("write", "writev", "brk", "mmap", "mprotect", "arch_prctl");

  /** These do not come back. */
  private static final List<String> LEFT_OUT = List.of("exit_group", "exit", "rt_sigreturn");

  private final Sandbox place;

  Faults(Sandbox place) {
    this.place = place;
  }

  /**
   * The call that is to fail.
   *
   * @param when how manieth of its name in each process, from 1
   */
  record Fault(String call, int when, String errno) {
    String words() {
      return "inject=" + call + ":error=" + errno + ":when=" + when;
    }
  }

  /** One for each call that a {@code create} without faults makes. */
  List<Fault> all() throws IOException, InterruptedException {
    Path log = place.folder().resolve("trace");
    String id = place.container();
    String problem = watch(id, List.of("-o", log.toString()));
    if (!problem.isEmpty()) {
      throw new IllegalStateException("without a fault: " + problem);
    }
    Map<String, Integer> counts = new HashMap<>();
    Map<String, Integer> most = new TreeMap<>();
    for (String line : Files.readAllLines(log)) {
      Matcher call = CALL.matcher(line);
      if (call.matches() && !LEFT_OUT.contains(call.group(2))) {
        int count = counts.merge(call.group(1) + call.group(2), 1, Integer::sum);
        most.merge(call.group(2), count, Math::max);
      }
    }
    List<Fault> faults = new ArrayList<>();
    for (Map.Entry<String, Integer> each : most.entrySet()) {
      for (int when = 1; when <= each.getValue(); when++) {
        faults.add(new Fault(each.getKey(), when, "EIO"));
      }
    }
    return faults;
  }

  /** What is wrong after this fault; empty if nothing is. */
  String inject(Fault fault) throws IOException, InterruptedException {
    String id = place.container();
    Path log = place.folder().resolve("trace-" + id);
    String problem = watch(id, List.of("-o", log.toString(), "-e", fault.words()));
    boolean silent = SILENT.contains(fault.call()) && problem.equals(SAYS_NOTHING);
    Files.deleteIfExists(log);
    return problem.isEmpty() || silent ? "" : fault.words() + ": " + problem;
  }

  private static final String SAYS_NOTHING = "it failed and says nothing";

  // strace ends with the last process it watches, so a container that was made must be deleted.
  private String watch(String id, List<String> options) throws IOException, InterruptedException {
    Path said = place.folder().resolve("said-" + id);
    Path pidFile = place.folder().resolve("pid-" + id);
    List<String> words = new ArrayList<>(List.of("strace", "-f", "-qq"));
    words.addAll(options);
    words.addAll(place.runtimeWords("create", "--pid-file", pidFile.toString(), id));
    ProcessBuilder builder = new ProcessBuilder(words).directory(place.bundle().toFile());
    builder.redirectErrorStream(true).redirectOutput(said.toFile());
    builder.redirectInput(Path.of("/dev/null").toFile());
    Process strace = builder.start();
    boolean ended = false;
    for (int i = 0; i < LONGEST_SECONDS * 20 && !ended && !Files.exists(pidFile); i++) {
      ended = strace.waitFor(50, TimeUnit.MILLISECONDS);
    }
    String problem = ended ? afterFailure(strace, said) : afterSuccess(strace, pidFile, id);
    Files.deleteIfExists(said);
    Files.deleteIfExists(pidFile);
    String left = place.leftovers(List.of(id)) + processes(id);
    return left.isEmpty() ? problem : "left behind: " + left + problem;
  }

  private String afterFailure(Process strace, Path said) throws IOException {
    if (strace.exitValue() == 0) {
      return "it ended well, but without a container";
    }
    return Files.readString(said).isBlank() ? SAYS_NOTHING : "";
  }

  private String afterSuccess(Process strace, Path pidFile, String id) throws InterruptedException {
    String problem = Files.exists(pidFile) ? "" : "it did not end";
    // Until the command is over: it may still fail, and is not to be disturbed.
    strace.waitFor(150, TimeUnit.MILLISECONDS);
    place.runtime("delete", "--force", id).run();
    if (!strace.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
      strace.descendants().forEach(ProcessHandle::destroyForcibly);
      strace.destroyForcibly().waitFor();
      problem += "a process of it did not end";
    }
    return problem;
  }

  private String processes(String id) throws IOException {
    StringBuilder left = new StringBuilder();
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path each : processes.filter(p -> p.toString().matches("/proc/[0-9]+")).toList()) {
        String words = commandLine(each);
        // Not the strace that starts this very process.
        if (words.contains(id) && !words.startsWith("strace")) {
          left.append("process ").append(words.replace('\0', ' ')).append('\n');
        }
      }
    }
    return left.toString();
  }

  private static String commandLine(Path process) {
    try {
      return Files.readString(process.resolve("cmdline"));
    } catch (IOException e) {
      return ""; // It ended meanwhile.
    }
  }
}

package dev.jrunc.conformance;

import dev.jrunc.conformance.bench.Benchmark;
import dev.jrunc.conformance.bench.ImageBenchmark;
import dev.jrunc.conformance.bench.NetworkBenchmark;
import dev.jrunc.conformance.cases.FaultCases;
import dev.jrunc.conformance.cases.Suite;
import dev.jrunc.conformance.demo.Demo;
import dev.jrunc.conformance.engines.EngineSuite;
import dev.jrunc.conformance.harness.Expect;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line of the conformance module. */
@Command(
    name = "conformance",
    description = "Black-box suite, demo and benchmark.",
    subcommands = {
      Main.Run.class,
      Main.Guest.class,
      Main.DemoCommand.class,
      Main.Bench.class,
      Main.BenchNetwork.class,
      Main.Engines.class,
      Main.FaultsCommand.class,
      Main.Hard.class,
      Main.BenchImage.class
    })
public final class Main {
  private Main() {}

  /** Runs one command line. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Command(name = "run", description = "Runs the suite against a runtime.")
  static final class Run implements Callable<Integer> {
    @Option(names = "--runtime", required = true)
    private Path runtime = Path.of("");

    @Option(names = "--jimage", description = "Runs the cases of jimage too.")
    private Path jimage = Path.of("");

    @Option(names = "--filter", description = "Only cases whose name holds this.")
    private String filter = "";

    @Option(names = "--jobs", description = "How many cases at once.")
    private int jobs = Runtime.getRuntime().availableProcessors() + 1;

    @Override
    public Integer call() {
      return Suite.run(runtime.toAbsolutePath(), jimage, filter, jobs) ? 0 : 1;
    }
  }

  @Command(name = "guest", description = "The cases for a machine with systemd and every right.")
  static final class Guest implements Callable<Integer> {
    @Option(names = "--runtime", required = true, description = "One or more, each in turn.")
    private List<Path> runtimes = List.of();

    @Option(names = "--filter", description = "Only cases whose name holds this.")
    private String filter = "";

    @Override
    public Integer call() {
      int jobs = Runtime.getRuntime().availableProcessors() + 1;
      boolean passed = true;
      for (Path runtime : runtimes) {
        System.out.println("over " + runtime);
        passed &= Suite.runGuest(runtime.toAbsolutePath(), filter, jobs);
      }
      return passed ? 0 : 1;
    }
  }

  @Command(name = "demo", description = "From a registry to a running container.")
  static final class DemoCommand implements Callable<Integer> {
    @Option(names = "--programs", required = true)
    private Path programs = Path.of("");

    @Option(names = "--image")
    private String image = "";

    @Override
    public Integer call() throws IOException {
      try {
        Demo.run(programs.toAbsolutePath(), image);
        return 0;
      } catch (Expect.Failed e) {
        System.err.println("demo: " + e.getMessage());
        return 1;
      }
    }
  }

  @Command(name = "engines", description = "Engines over each runtime; in an enclosure.")
  static final class Engines implements Callable<Integer> {
    @Option(names = "--runtime", required = true, description = "Runtimes, the reference first.")
    private List<Path> runtimes = List.of();

    @Option(names = "--engine", description = "Only these: podman, containerd, docker.")
    private List<String> engines = List.of("podman", "containerd", "docker");

    @Option(names = "--filter", description = "Only checks whose name holds this.")
    private String filter = "";

    @Override
    public Integer call() {
      List<Path> absolute = runtimes.stream().map(Path::toAbsolutePath).toList();
      return EngineSuite.run(absolute, engines, filter) ? 0 : 1;
    }
  }

  @Command(name = "bench", description = "A runtime beside its peers, in one run.")
  static final class Bench implements Callable<Integer> {
    @Option(names = "--runtime", required = true)
    private Path runtime = Path.of("");

    @Option(names = "--peer", description = "Runtimes to measure beside it.")
    private List<Path> peers = List.of(Path.of("/usr/sbin/runc"));

    @Option(names = "--bundle-config", description = "One more config to measure, a file.")
    private Path config = Path.of("");

    @Override
    public Integer call() throws IOException {
      Benchmark.run(runtime.toAbsolutePath(), peers, config);
      return 0;
    }
  }

  @Command(name = "faults", description = "Lets every system call of create fail, one a time.")
  static final class FaultsCommand implements Callable<Integer> {
    @Option(names = "--runtime", required = true)
    private Path runtime = Path.of("");

    @Option(names = "--jobs", description = "How many at once.")
    private int jobs = Runtime.getRuntime().availableProcessors() + 1;

    @Override
    public Integer call() throws Exception {
      return FaultCases.runAll(runtime.toAbsolutePath(), jobs) ? 0 : 1;
    }
  }

  @Command(name = "hard", description = "The cases of images that take a mirror and a minute.")
  static final class Hard implements Callable<Integer> {
    @Option(names = "--runtime", required = true)
    private Path runtime = Path.of("");

    @Option(names = "--jimage", required = true)
    private Path jimage = Path.of("");

    @Override
    public Integer call() {
      return Suite.runHard(runtime.toAbsolutePath(), jimage.toAbsolutePath()) ? 0 : 1;
    }
  }

  @Command(name = "bench-image", description = "jimage beside its peers, in one run.")
  static final class BenchImage implements Callable<Integer> {
    @Option(names = "--jimage", required = true)
    private Path jimage = Path.of("");

    @Option(names = "--rounds")
    private int rounds = 5;

    @Override
    public Integer call() throws IOException {
      ImageBenchmark.run(jimage.toAbsolutePath(), rounds);
      return 0;
    }
  }

  @Command(name = "bench-network", description = "What the networks of a runtime cost.")
  static final class BenchNetwork implements Callable<Integer> {
    @Option(names = "--runtime", required = true)
    private Path runtime = Path.of("");

    @Option(names = "--podman", description = "Measured beside it, where it is there.")
    private Path podman = Path.of("/usr/bin/podman");

    @Override
    public Integer call() throws IOException {
      NetworkBenchmark.run(runtime.toAbsolutePath(), podman);
      return 0;
    }
  }
}

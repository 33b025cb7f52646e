package dev.jrunc.conformance.engines;

import dev.jrunc.conformance.harness.Expect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs every check of every engine over each runtime, and counts. */
public final class EngineSuite {
  private final String filter;
  private final List<String> lines = new ArrayList<>();
  private Count all = new Count(0, 0, 0);

  private EngineSuite(String filter) {
    this.filter = filter;
  }

  /** How many checks ended how. */
  private record Count(int passed, int failed, int skipped) {
    Count plus(Count other) {
      return new Count(passed + other.passed, failed + other.failed, skipped + other.skipped);
    }

    @Override
    public String toString() {
      return passed + " passed, " + failed + " failed, " + skipped + " skipped";
    }
  }

  private interface Start<E extends Engine> {
    E over(Path runtime) throws Exception;
  }

  /** Whether nothing failed. */
  public static boolean run(List<Path> runtimes, List<String> engines, String filter) {
    EngineSuite suite = new EngineSuite(filter);
    for (Path runtime : runtimes) {
      for (String engine : engines) {
        suite.run(engine, runtime);
      }
    }
    suite.lines.forEach(System.out::println);
    System.out.println(suite.all);
    return suite.all.failed == 0;
  }

  private void run(String engine, Path runtime) {
    switch (engine) {
      case "podman" -> run(engine, Podman::start, runtime, PodmanChecks.all());
      case "containerd" -> run(engine, Containerd::start, runtime, ContainerdChecks.all());
      case "docker" -> run(engine, Docker::start, runtime, DockerChecks.all());
      default -> throw new IllegalArgumentException("unknown engine \"" + engine + "\"");
    }
  }

  private <E extends Engine> void run(
      String kind, Start<E> start, Path runtime, List<Check<? super E>> checks) {
    Count count = new Count(0, 0, 0);
    String name = kind;
    long begin = System.nanoTime();
    try (E engine = start.over(runtime)) {
      name = engine.name();
      System.out.println("-- " + name + " over " + runtime);
      int number = 0;
      for (Check<? super E> check : checks) {
        number++;
        if (check.name().contains(filter)) {
          count = count.plus(attempt(engine, check, "check" + number));
        }
      }
    } catch (Exception e) {
      System.out.println("FAIL " + kind + " over " + runtime + ": " + e);
      count = count.plus(new Count(0, 1, 0));
    }
    all = all.plus(count);
    lines.add(name + " over " + runtime + ": " + count + ", " + seconds(begin) + " s");
  }

  private static long seconds(long begin) {
    return (System.nanoTime() - begin) / 1_000_000_000;
  }

  private static <E extends Engine> Count attempt(E engine, Check<E> check, String name) {
    try {
      try (Place<E> place = new Place<>(engine, name)) {
        check.body().run(place);
      }
      System.out.println("ok   " + check.name());
      return new Count(1, 0, 0);
    } catch (Expect.Skipped e) {
      System.out.println("skip " + check.name() + ": " + e.getMessage());
      return new Count(0, 0, 1);
    } catch (Exception | AssertionError e) {
      System.out.println("FAIL " + check.name() + ": " + e);
      return new Count(0, 1, 0);
    }
  }
}

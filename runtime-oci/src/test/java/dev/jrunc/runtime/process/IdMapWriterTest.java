package dev.jrunc.runtime.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.IdMapping;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdMapWriterTest {
  private final Linux linux = Linux.over(new JnrGate());

  @Test
  void aMapIsALineForEachRange() {
    assertEquals(
        "0 100000 65536\n70000 0 1\n",
        IdMapWriter.text(List.of(new IdMapping(0, 100000, 65536), new IdMapping(70000, 0, 1))));
  }

  @Test
  void writesTheMapsOfANewUserNamespace() throws Exception {
    assumeTrue(linux.credentials().effectiveUid() == 0, "needs root to map foreign ids");
    Process child = new ProcessBuilder("unshare", "--user", "sh", "-c", "read x").start();
    try {
      int pid = (int) child.pid();
      Path own = Path.of("/proc/self/ns/user");
      for (int i = 0; i < 500 && sameNamespace(own, pid); i++) {
        Thread.sleep(10);
      }
      new IdMapWriter(linux)
          .write(
              pid,
              List.of(new IdMapping(0, 1000, 10)),
              List.of(new IdMapping(0, 2000, 20)),
              "/linux");
      assertEquals("0 1000 10", squeezed("/proc/" + pid + "/uid_map"));
      assertEquals("0 2000 20", squeezed("/proc/" + pid + "/gid_map"));
      Failure again =
          assertThrows(
              Failure.class,
              () ->
                  new IdMapWriter(linux)
                      .write(pid, List.of(new IdMapping(0, 1, 1)), List.of(), "/linux"));
      assertEquals(
          "unable to write \"/proc/" + pid + "/uid_map\": operation not permitted",
          again.getMessage());
      assertEquals("/linux/uidMappings", again.pointer());
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  private static boolean sameNamespace(Path own, int pid) throws Exception {
    return Files.readSymbolicLink(own)
        .equals(Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/user")));
  }

  private static String squeezed(String file) throws Exception {
    return Files.readString(Path.of(file)).strip().replaceAll(" +", " ");
  }

  @Test
  void theScoreOfAnotherProcessIsSetAndAnUnchangedOneIsNoError() throws Exception {
    Process child = new ProcessBuilder("sleep", "60").start();
    try {
      int pid = (int) child.pid();
      OomScore.set(linux, pid, 500);
      OomScore.set(linux, pid, 500);
      assertEquals("500", squeezed("/proc/" + pid + "/oom_score_adj"));
      Failure failure = assertThrows(Failure.class, () -> OomScore.set(linux, pid, 1001));
      assertEquals("unable to set oomScoreAdj to 1001: invalid argument", failure.getMessage());
      assertEquals("/process/oomScoreAdj", failure.pointer());
    } finally {
      child.destroyForcibly().waitFor();
    }
  }
}

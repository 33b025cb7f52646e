package dev.jrunc.runtime.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class OomCountTest {
  @Test
  void isReadFromBothFormats() {
    assertEquals(3, OomCount.of("oom_kill_disable 0\nunder_oom 0\noom_kill 3"));
    assertEquals(12, OomCount.of("low 0\nhigh 0\nmax 5\noom 1\noom_kill 12\noom_group_kill 0"));
  }

  @Test
  void isZeroWhereTheKernelDoesNotSay() {
    assertEquals(0, OomCount.of("oom_kill_disable 0\nunder_oom 0"));
  }
}

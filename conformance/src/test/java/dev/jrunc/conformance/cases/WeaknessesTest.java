package dev.jrunc.conformance.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Every known weakness of runc, crun and youki that a runtime can mend has a case. */
class WeaknessesTest {
  // Not here: CVE-2026-31431, a fault of the kernel's page cache, which no case can have; decision
  // 0002 says what is done about such.
  private static final List<String> KNOWN =
      List.of(
          "CVE-2016-9962",
          "CVE-2019-5736",
          "CVE-2019-16884",
          "CVE-2019-18837",
          "CVE-2019-19921",
          "CVE-2021-30465",
          "CVE-2021-43784",
          "CVE-2022-27650",
          "CVE-2022-29162",
          "CVE-2023-25809",
          "CVE-2023-27561",
          "CVE-2023-28642",
          "CVE-2024-21626",
          "CVE-2024-45310",
          "CVE-2025-24965",
          "CVE-2025-27612",
          "CVE-2025-31133",
          "CVE-2025-52565",
          "CVE-2025-52881",
          "CVE-2025-54867",
          "CVE-2025-62161",
          "CVE-2025-62596",
          "CVE-2026-30892",
          "CVE-2026-41579",
          "CVE-2026-47766");

  @Test
  void eachIsNamedByACase() {
    List<String> missing =
        KNOWN.stream()
            .filter(known -> Suite.cases().stream().noneMatch(c -> c.source().contains(known)))
            .toList();
    assertEquals(List.of(), missing, "no case names it as its source");
  }
}

package dev.jrunc.runtime.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.runtime.rdt.RdtStats;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class StatsTest {

  /** Files by name, whatever their controller. */
  private record Files(Map<String, String> contents, List<String> hugepageSizes)
      implements GroupTexts {
    static Files of(String... namesAndContents) {
      Map<String, String> contents = new LinkedHashMap<>();
      for (int i = 0; i < namesAndContents.length; i += 2) {
        contents.put(namesAndContents[i], namesAndContents[i + 1]);
      }
      return new Files(contents, List.of("2MB"));
    }

    @Override
    public @Nullable String text(String controller, String file) {
      return contents.get(file);
    }
  }

  private static JsonNode data(ContainerStats stats) throws IOException {
    JsonNode event = new ObjectMapper().readTree(EventDocument.stats("web", stats, null));
    assertEquals("stats", event.path("type").asText());
    assertEquals("web", event.path("id").asText());
    return event.path("data");
  }

  @Test
  void resctrlIsToldInTheNamesOfRunc() throws IOException {
    RdtStats rdt =
        new RdtStats(
            new RdtStats.Cache("fffff", 2, 16, "L3:0=fffff", "L3:0=ff"),
            new RdtStats.Bandwidth(10, 0, 20, 8, "MB:0=100", "MB:0=20"),
            List.of("L3:0=ff", "MB:0=20"),
            List.of(new RdtStats.Domain(5, 6, 7)),
            true,
            false);
    ContainerStats none = StatsV2.read(Files.of());
    JsonNode event = new ObjectMapper().readTree(EventDocument.stats("web", none, rdt));
    assertEquals(
        "{\"l3_cache_info\":{\"cbm_mask\":\"fffff\",\"min_cbm_bits\":2,\"num_closids\":16},"
            + "\"l3_cache_schema_root\":\"L3:0=fffff\",\"l3_cache_schema\":\"L3:0=ff\","
            + "\"mem_bw_info\":{\"bandwidth_gran\":10,\"min_bandwidth\":20,\"num_closids\":8},"
            + "\"mem_bw_schema_root\":\"MB:0=100\",\"mem_bw_schema\":\"MB:0=20\","
            + "\"schemata\":[\"L3:0=ff\",\"MB:0=20\"],"
            + "\"mbm_stats\":[{\"mbm_total_bytes\":5,\"mbm_local_bytes\":6}],\"cmt_stats\":null}",
        event.path("data").path("intel_rdt").toString());
  }

  @Nested
  class OnV1 {
    @Test
    void readsEveryController() throws IOException {
      JsonNode data =
          data(
              StatsV1.read(
                  Files.of(
                      "cpuacct.usage", "700\n",
                      "cpuacct.usage_percpu", "300 400 \n",
                      "cpuacct.usage_all", "cpu user system\n0 1 2\n1 3 4\n",
                      "cpuacct.stat", "user 5\nsystem 6\n",
                      "cpu.stat", "nr_periods 7\nnr_throttled 8\nthrottled_time 9\n",
                      "cpuset.cpus", "0-2,5\n",
                      "cpuset.mems", "0\n",
                      "cpuset.sched_relax_domain_level", "-1\n",
                      "memory.stat", "cache 10\nrss 11\n",
                      "memory.limit_in_bytes", "12\n",
                      "memory.usage_in_bytes", "13\n",
                      "memory.max_usage_in_bytes", "14\n",
                      "memory.failcnt", "15\n",
                      "pids.current", "16\n",
                      "pids.max", "max\n",
                      "blkio.throttle.io_serviced_recursive", "8:0 Read 17\nTotal 17\n",
                      "blkio.throttle.io_service_bytes_recursive", "8:16 18\n",
                      "hugetlb.2MB.usage_in_bytes", "19\n")));
      assertEquals(
          "{\"usage\":{\"total\":700,\"percpu\":[300,400],\"percpu_kernel\":[2,4],"
              + "\"percpu_user\":[1,3],\"kernel\":60000000,\"user\":50000000},"
              + "\"throttling\":{\"periods\":7,\"throttledPeriods\":8,\"throttledTime\":9}}",
          data.path("cpu").toString());
      assertEquals("[0,1,2,5]", data.path("cpuset").path("cpus").toString());
      assertEquals("-1", data.path("cpuset").path("sched_relax_domain_level").toString());
      assertEquals(
          "{\"limit\":12,\"usage\":13,\"max\":14,\"failcnt\":15}",
          data.path("memory").path("usage").toString());
      assertEquals("10", data.path("memory").path("cache").toString());
      assertEquals("11", data.path("memory").path("raw").path("rss").toString());
      assertEquals("{\"current\":16}", data.path("pids").toString());
      assertEquals(
          "{\"ioServiceBytesRecursive\":[{\"major\":8,\"minor\":16,\"value\":18}],"
              + "\"ioServicedRecursive\":[{\"major\":8,\"op\":\"Read\",\"value\":17}]}",
          data.path("blkio").toString());
      assertEquals("{\"2MB\":{\"usage\":19,\"failcnt\":0}}", data.path("hugetlb").toString());
    }

    @Test
    void aMissingControllerLeavesZeros() throws IOException {
      JsonNode data = data(StatsV1.read(Files.of()));
      assertEquals("{\"kernel\":0,\"user\":0}", data.path("cpu").path("usage").toString());
      assertEquals("{\"limit\":0,\"failcnt\":0}", data.path("memory").path("usage").toString());
      assertEquals("null", data.path("network_interfaces").toString());
    }
  }

  @Nested
  class OnV2 {
    @Test
    void speaksTheWordsOfV1() throws IOException {
      JsonNode data =
          data(
              StatsV2.read(
                  Files.of(
                      "cpu.stat", "usage_usec 3\nuser_usec 1\nsystem_usec 2\nnr_periods 4\n",
                      "cpu.pressure", "some avg10=1.50 avg60=0.00 avg300=10.00 total=5",
                      "memory.stat", "anon 6\nfile 7\n",
                      "memory.current", "8\n",
                      "memory.max", "max\n",
                      "memory.peak", "9\n",
                      "memory.swap.current", "10\n",
                      "memory.swap.max", "max\n",
                      "pids.current", "2\n",
                      "pids.max", "11\n",
                      "io.stat", "8:0 rbytes=12 wbytes=13 rios=14 wios=15 dbytes=0 dios=0\n",
                      "hugetlb.2MB.current", "0\n",
                      "hugetlb.2MB.events", "max 16\n")));
      assertEquals(
          "{\"total\":3000,\"kernel\":2000,\"user\":1000}",
          data.path("cpu").path("usage").toString());
      assertEquals(
          "{\"avg10\":1.5,\"avg60\":0,\"avg300\":10,\"total\":5}",
          data.path("cpu").path("psi").path("some").toString());
      assertEquals("7", data.path("memory").path("cache").toString());
      assertEquals(
          "{\"limit\":18446744073709551615,\"usage\":8,\"max\":9,\"failcnt\":0}",
          data.path("memory").path("usage").toString());
      assertEquals(
          "{\"limit\":18446744073709551615,\"usage\":18,\"failcnt\":0}",
          data.path("memory").path("swap").toString());
      assertEquals("{\"current\":2,\"limit\":11}", data.path("pids").toString());
      assertEquals(4, data.path("blkio").findValues("op").size());
      assertEquals("{\"2MB\":{\"failcnt\":16}}", data.path("hugetlb").toString());
    }

    @Test
    void withoutThePidsControllerProcessesAreCounted() throws IOException {
      JsonNode data = data(StatsV2.read(Files.of("cgroup.procs", "10\n11\n12\n")));
      assertEquals("{\"current\":3}", data.path("pids").toString());
      assertFalse(data.path("cpu").has("psi"));
    }
  }

  @Test
  void anOomLineHasNoData() {
    assertEquals(
        "{\"type\":\"oom\",\"id\":\"web\"}\n",
        new String(EventDocument.oom("web"), StandardCharsets.UTF_8));
  }
}

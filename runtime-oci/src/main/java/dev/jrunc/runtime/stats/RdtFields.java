package dev.jrunc.runtime.stats;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.jrunc.runtime.rdt.RdtStats;
import java.io.IOException;
import java.util.List;

/** The part of an event that is about resctrl, in the names of runc's types.IntelRdt. */
final class RdtFields {
  private final JsonGenerator g;

  RdtFields(JsonGenerator g) {
    this.g = g;
  }

  void write(RdtStats stats) throws IOException {
    RdtStats.Cache cache = stats.cache();
    if (cache != null) {
      g.writeObjectFieldStart("l3_cache_info");
      text("cbm_mask", cache.mask());
      unlessZero("min_cbm_bits", cache.fewestBits());
      unlessZero("num_closids", cache.classes());
      g.writeEndObject();
      text("l3_cache_schema_root", cache.rootSchema());
      text("l3_cache_schema", cache.groupSchema());
    }
    RdtStats.Bandwidth bandwidth = stats.bandwidth();
    if (bandwidth != null) {
      g.writeObjectFieldStart("mem_bw_info");
      unlessZero("bandwidth_gran", bandwidth.granularity());
      unlessZero("delay_linear", bandwidth.linear());
      unlessZero("min_bandwidth", bandwidth.least());
      unlessZero("num_closids", bandwidth.classes());
      g.writeEndObject();
      text("mem_bw_schema_root", bandwidth.rootSchema());
      text("mem_bw_schema", bandwidth.groupSchema());
    }
    if (!stats.schemata().isEmpty()) {
      g.writeArrayFieldStart("schemata");
      for (String line : stats.schemata()) {
        g.writeString(line);
      }
      g.writeEndArray();
    }
    if (stats.monitored() != null) {
      monitored(stats, stats.monitored());
    }
  }

  // runc writes a list for each kind as soon as anything counts, null where that kind does not.
  private void monitored(RdtStats stats, List<RdtStats.Domain> domains) throws IOException {
    g.writeFieldName("mbm_stats");
    if (stats.countsBandwidth()) {
      g.writeStartArray();
      for (RdtStats.Domain domain : domains) {
        g.writeStartObject();
        g.writeNumberField("mbm_total_bytes", domain.totalBytes());
        g.writeNumberField("mbm_local_bytes", domain.localBytes());
        g.writeEndObject();
      }
      g.writeEndArray();
    } else {
      g.writeNull();
    }
    g.writeFieldName("cmt_stats");
    if (stats.countsOccupancy()) {
      g.writeStartArray();
      for (RdtStats.Domain domain : domains) {
        g.writeStartObject();
        g.writeNumberField("llc_occupancy", domain.occupancy());
        g.writeEndObject();
      }
      g.writeEndArray();
    } else {
      g.writeNull();
    }
  }

  private void text(String name, String value) throws IOException {
    if (!value.isEmpty()) {
      g.writeStringField(name, value);
    }
  }

  private void unlessZero(String name, long value) throws IOException {
    if (value != 0) {
      g.writeNumberField(name, value);
    }
  }
}

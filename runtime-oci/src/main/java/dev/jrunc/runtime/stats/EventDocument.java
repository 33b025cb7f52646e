package dev.jrunc.runtime.stats;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.jrunc.runtime.rdt.RdtStats;
import dev.jrunc.runtime.stats.ContainerStats.Counter;
import dev.jrunc.runtime.stats.ContainerStats.DeviceCount;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code events}, in the names of runc's types.Event. What Go leaves out because it is
 * empty or 0 is left out here.
 */
public final class EventDocument {
  private final JsonGenerator g;

  private EventDocument(JsonGenerator g) {
    this.g = g;
  }

  /** A line that says the kernel has killed for want of memory. */
  public static byte[] oom(String id) {
    return line("oom", id, null, null);
  }

  /** A line that says what a container uses; of resctrl if it has a place there. */
  public static byte[] stats(String id, ContainerStats stats, @Nullable RdtStats rdt) {
    return line("stats", id, stats, rdt);
  }

  private static byte[] line(
      String type, String id, @Nullable ContainerStats stats, @Nullable RdtStats rdt) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
    try (JsonGenerator g = new JsonFactory().createGenerator(bytes)) {
      g.writeStartObject();
      g.writeStringField("type", type);
      g.writeStringField("id", id);
      if (stats != null) {
        g.writeObjectFieldStart("data");
        new EventDocument(g).data(stats, rdt);
        g.writeEndObject();
      }
      g.writeEndObject();
      g.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private void data(ContainerStats stats, @Nullable RdtStats rdt) throws IOException {
    g.writeObjectFieldStart("cpu");
    cpu(stats.cpu());
    g.writeEndObject();
    g.writeObjectFieldStart("cpuset");
    cpuset(stats.cpuset());
    g.writeEndObject();
    g.writeObjectFieldStart("memory");
    memory(stats.memory());
    g.writeEndObject();
    g.writeObjectFieldStart("pids");
    unlessZero("current", stats.pids().current());
    unlessZero("limit", stats.pids().limit());
    g.writeEndObject();
    g.writeObjectFieldStart("blkio");
    blockIo(stats.blockIo());
    g.writeEndObject();
    g.writeObjectFieldStart("hugetlb");
    for (Map.Entry<String, ContainerStats.Hugepages> e :
        new TreeMap<>(stats.hugepages()).entrySet()) {
      g.writeObjectFieldStart(e.getKey());
      unlessZero("usage", e.getValue().usage());
      unlessZero("max", e.getValue().highest());
      number("failcnt", e.getValue().failures());
      g.writeEndObject();
    }
    g.writeEndObject();
    g.writeObjectFieldStart("intel_rdt");
    if (rdt != null) {
      new RdtFields(g).write(rdt);
    }
    g.writeEndObject();
    // Only networks that the runtime itself makes are counted there, and it makes none.
    g.writeNullField("network_interfaces");
  }

  private void cpu(ContainerStats.Cpu cpu) throws IOException {
    g.writeObjectFieldStart("usage");
    unlessZero("total", cpu.total());
    numbers("percpu", cpu.each());
    numbers("percpu_kernel", cpu.eachInKernel());
    numbers("percpu_user", cpu.eachInUser());
    number("kernel", cpu.inKernel());
    number("user", cpu.inUser());
    g.writeEndObject();
    g.writeObjectFieldStart("throttling");
    unlessZero("periods", cpu.periods());
    unlessZero("throttledPeriods", cpu.throttledPeriods());
    unlessZero("throttledTime", cpu.throttledTime());
    g.writeEndObject();
    pressure(cpu.pressure());
  }

  private void cpuset(ContainerStats.Cpuset cpuset) throws IOException {
    // runc's order: processors, then their flag, then memory nodes and the other flags.
    numbers("cpus", cpuset.processors());
    boolean first = true;
    for (Map.Entry<String, Long> flag : cpuset.flags().entrySet()) {
      g.writeNumberField(flag.getKey(), flag.getValue());
      if (first) {
        numbers("mems", cpuset.nodes());
      }
      first = false;
    }
  }

  private void memory(ContainerStats.Memory memory) throws IOException {
    unlessZero("cache", memory.cache());
    counter("usage", memory.usage());
    counter("swap", memory.swap());
    counter("kernel", memory.kernel());
    counter("kernelTCP", memory.kernelTcp());
    if (!memory.raw().isEmpty()) {
      g.writeObjectFieldStart("raw");
      for (Map.Entry<String, Long> entry : new TreeMap<>(memory.raw()).entrySet()) {
        number(entry.getKey(), entry.getValue());
      }
      g.writeEndObject();
    }
    pressure(memory.pressure());
  }

  private void counter(String name, Counter counter) throws IOException {
    g.writeObjectFieldStart(name);
    number("limit", counter.limit());
    unlessZero("usage", counter.usage());
    unlessZero("max", counter.highest());
    number("failcnt", counter.failures());
    g.writeEndObject();
  }

  private void blockIo(ContainerStats.BlockIo io) throws IOException {
    // In runc's order, whichever the kernel has.
    for (String name :
        List.of(
            "ioServiceBytesRecursive",
            "ioServicedRecursive",
            "ioQueueRecursive",
            "ioServiceTimeRecursive",
            "ioWaitTimeRecursive",
            "ioMergedRecursive",
            "ioTimeRecursive",
            "sectorsRecursive")) {
      List<DeviceCount> table = io.tables().getOrDefault(name, List.of());
      if (table.isEmpty()) {
        continue;
      }
      g.writeArrayFieldStart(name);
      for (DeviceCount count : table) {
        g.writeStartObject();
        unlessZero("major", count.major());
        unlessZero("minor", count.minor());
        if (!count.operation().isEmpty()) {
          g.writeStringField("op", count.operation());
        }
        unlessZero("value", count.value());
        g.writeEndObject();
      }
      g.writeEndArray();
    }
    pressure(io.pressure());
  }

  private void pressure(@Nullable Pressure pressure) throws IOException {
    if (pressure == null) {
      return;
    }
    g.writeObjectFieldStart("psi");
    share("some", pressure.some());
    share("full", pressure.full());
    g.writeEndObject();
  }

  private void share(String name, Pressure.Share share) throws IOException {
    g.writeObjectFieldStart(name);
    decimal("avg10", share.averages().get(0));
    decimal("avg60", share.averages().get(1));
    decimal("avg300", share.averages().get(2));
    number("total", share.total());
    g.writeEndObject();
  }

  private void decimal(String name, String value) throws IOException {
    g.writeFieldName(name);
    g.writeNumber(value);
  }

  private void number(String name, long value) throws IOException {
    g.writeFieldName(name);
    g.writeNumber(Long.toUnsignedString(value));
  }

  private void unlessZero(String name, long value) throws IOException {
    if (value != 0) {
      number(name, value);
    }
  }

  private void numbers(String name, List<Long> values) throws IOException {
    if (values.isEmpty()) {
      return;
    }
    g.writeArrayFieldStart(name);
    for (long value : values) {
      g.writeNumber(Long.toUnsignedString(value));
    }
    g.writeEndArray();
  }
}

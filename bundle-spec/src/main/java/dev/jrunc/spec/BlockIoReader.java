package dev.jrunc.spec;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads shares and bounds of block I/O. */
final class BlockIoReader {
  private BlockIoReader() {}

  static @Nullable BlockIoResources blockIo(Cursor c) throws IOException {
    Integer weight = null;
    Integer leafWeight = null;
    List<WeightDevice> weights = List.of();
    List<ThrottleDevice> readBps = List.of();
    List<ThrottleDevice> writeBps = List.of();
    List<ThrottleDevice> readIops = List.of();
    List<ThrottleDevice> writeIops = List.of();
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "weight" -> weight = c.integer(0, 65535);
        case "leafWeight" -> leafWeight = c.integer(0, 65535);
        case "weightDevice" -> weights = c.list(BlockIoReader::weightDevice);
        case "throttleReadBpsDevice" -> readBps = c.list(BlockIoReader::throttleDevice);
        case "throttleWriteBpsDevice" -> writeBps = c.list(BlockIoReader::throttleDevice);
        case "throttleReadIOPSDevice" -> readIops = c.list(BlockIoReader::throttleDevice);
        case "throttleWriteIOPSDevice" -> writeIops = c.list(BlockIoReader::throttleDevice);
        default ->
            c.unknown(
                "weight leafWeight weightDevice throttleReadBpsDevice throttleWriteBpsDevice"
                    + " throttleReadIOPSDevice throttleWriteIOPSDevice");
      }
    }
    return present
        ? new BlockIoResources(weight, leafWeight, weights, readBps, writeBps, readIops, writeIops)
        : null;
  }

  private static WeightDevice weightDevice(Cursor c) throws IOException {
    Long major = 0L;
    Long minor = 0L;
    Integer weight = null;
    Integer leafWeight = null;
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "major" -> major = c.number(0, Long.MAX_VALUE);
        case "minor" -> minor = c.number(0, Long.MAX_VALUE);
        case "weight" -> weight = c.integer(0, 65535);
        case "leafWeight" -> leafWeight = c.integer(0, 65535);
        default -> c.unknown("major minor weight leafWeight");
      }
    }
    c.require("major");
    c.require("minor");
    return new WeightDevice(
        MountReader.orZero(major), MountReader.orZero(minor), weight, leafWeight);
  }

  private static ThrottleDevice throttleDevice(Cursor c) throws IOException {
    Long major = 0L;
    Long minor = 0L;
    Long rate = 0L;
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "major" -> major = c.number(0, Long.MAX_VALUE);
        case "minor" -> minor = c.number(0, Long.MAX_VALUE);
        case "rate" -> rate = c.unsigned();
        default -> c.unknown("major minor rate");
      }
    }
    c.require("major");
    c.require("minor");
    return new ThrottleDevice(
        MountReader.orZero(major), MountReader.orZero(minor), MountReader.orZero(rate));
  }
}

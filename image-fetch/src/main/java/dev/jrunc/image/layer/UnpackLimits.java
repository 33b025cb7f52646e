package dev.jrunc.image.layer;

import dev.jrunc.image.failure.ImageFailure;
import java.util.List;

/**
 * What an image may ask for before it is refused: a layer of a few kilobytes can unpack to more
 * than any disk holds (CVE-2017-14992).
 *
 * @param entries in all layers together
 * @param bytes of all layers together, unpacked, the holes of sparse files among them
 * @param depth folders in a name
 * @param ratio how many times its packed size a layer may unpack to, once it is past 64 MiB
 */
public record UnpackLimits(long entries, long bytes, int depth, int ratio) {
  public static final UnpackLimits DEFAULT = new UnpackLimits(2_000_000, 256L << 30, 512, 200);

  static final long RATIO_COUNTS_FROM = 64L << 20;

  /** With {@code NAME=NUMBER} for each limit that is to be another. */
  public UnpackLimits with(List<String> settings) {
    UnpackLimits limits = this;
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      String name = equals < 0 ? setting : setting.substring(0, equals);
      long value = number(setting, setting.substring(equals + 1));
      limits =
          switch (name) {
            case "entries" -> new UnpackLimits(value, limits.bytes, limits.depth, limits.ratio);
            case "bytes" -> new UnpackLimits(limits.entries, value, limits.depth, limits.ratio);
            case "depth" ->
                new UnpackLimits(limits.entries, limits.bytes, clip(value), limits.ratio);
            case "ratio" ->
                new UnpackLimits(limits.entries, limits.bytes, limits.depth, clip(value));
            default ->
                throw new ImageFailure(
                    "unknown limit \"" + name + "\"; there are entries, bytes, depth and ratio");
          };
    }
    return limits;
  }

  private static int clip(long value) {
    return (int) Math.min(value, Integer.MAX_VALUE);
  }

  private static long number(String setting, String digits) {
    try {
      long value = Long.parseLong(digits);
      if (value > 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new ImageFailure("limit \"" + setting + "\" is not of the form NAME=NUMBER");
  }
}

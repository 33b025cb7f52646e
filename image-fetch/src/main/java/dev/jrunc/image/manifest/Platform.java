package dev.jrunc.image.manifest;

import dev.jrunc.image.failure.ImageFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What an image was built for. The empty variant is the plain one of its architecture. */
public record Platform(String os, String architecture, String variant) {

  /** The names the image-spec uses (GOOS and GOARCH), with the plain variant of each left out. */
  public Platform {
    os = os.toLowerCase(Locale.ROOT);
    architecture = architecture.toLowerCase(Locale.ROOT);
    variant = variant.toLowerCase(Locale.ROOT);
    switch (architecture) {
      case "aarch64", "arm64" -> architecture = "arm64";
      case "x86_64", "x86-64" -> architecture = "amd64";
      case "i386", "i686" -> architecture = "386";
      case "armhf" -> {
        architecture = "arm";
        variant = variant.isEmpty() ? "v7" : variant;
      }
      case "armel" -> {
        architecture = "arm";
        variant = variant.isEmpty() ? "v6" : variant;
      }
      default -> {}
    }
    if (!variant.isEmpty() && Character.isDigit(variant.charAt(0))) {
      variant = "v" + variant;
    }
    if (variant.equals(plainVariant(architecture))) {
      variant = "";
    }
  }

  public static Platform parse(String text) {
    String[] parts = text.split("/", -1);
    boolean complete = parts.length == 2 || parts.length == 3;
    for (String part : parts) {
      complete &= !part.isEmpty() && part.chars().allMatch(Platform::isNameCharacter);
    }
    if (!complete) {
      throw new ImageFailure(
          "invalid platform \"" + text + "\": write os/architecture or os/architecture/variant");
    }
    return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
  }

  /** What this machine runs. */
  public static Platform host() {
    String architecture = System.getProperty("os.arch", "amd64");
    return new Platform("linux", architecture, HostProcessor.variant(architecture));
  }

  /**
   * What this platform can run, best first, in containerd's order: newer levels of an architecture
   * run what was built for older ones, amd64 runs 386, arm64 runs arm.
   */
  public List<Platform> runnable() {
    List<Platform> order = new ArrayList<>();
    order.add(this);
    switch (architecture) {
      case "amd64" -> {
        addLevels(order, "amd64", level("v1") - 1, 1);
        order.add(new Platform(os, "386", ""));
      }
      case "arm" -> addLevels(order, "arm", level("v7") - 1, 5);
      case "arm64" -> {
        addArm64Levels(order);
        addLevels(order, "arm", 8, 5);
      }
      default -> {}
    }
    return List.copyOf(order);
  }

  /** Armv9.N has all of Armv8.(N+5). */
  private void addArm64Levels(List<Platform> order) {
    String own = variant.isEmpty() ? "v8" : variant;
    int dot = own.indexOf('.');
    int major = dot == 0 ? 0 : number(dot < 0 ? own.substring(1) : own.substring(1, dot));
    int minor = dot < 0 ? 0 : number(own.substring(dot + 1));
    if (major == 9) {
      addMinors(order, "v9", minor - 1);
      addMinors(order, "v8", minor + 5);
    } else if (major == 8) {
      addMinors(order, "v8", minor - 1);
    }
  }

  private void addMinors(List<Platform> order, String major, int from) {
    for (int minor = Math.min(from, 32); minor >= 0; minor--) {
      order.add(new Platform(os, "arm64", minor == 0 ? major : major + "." + minor));
    }
  }

  private void addLevels(List<Platform> order, String of, int from, int to) {
    for (int level = Math.min(from, 16); level >= to; level--) {
      order.add(new Platform(os, of, "v" + level));
    }
  }

  private int level(String plain) {
    return number((variant.isEmpty() ? plain : variant).substring(1));
  }

  private static int number(String digits) {
    boolean few = !digits.isEmpty() && digits.length() <= 3;
    return few && digits.chars().allMatch(Character::isDigit) ? Integer.parseInt(digits) : 0;
  }

  private static String plainVariant(String architecture) {
    return switch (architecture) {
      case "arm64" -> "v8";
      case "arm" -> "v7";
      case "amd64" -> "v1";
      default -> "";
    };
  }

  private static boolean isNameCharacter(int c) {
    return Character.isLetterOrDigit(c) || c == '.' || c == '_' || c == '-';
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}

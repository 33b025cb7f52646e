package dev.jrunc.image.manifest;

import java.util.Locale;

/** The media types that take part in pulling an image, and which role each one plays. */
public final class MediaTypes {
  public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  public static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";
  public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
  private static final String DOCKER_V1 = "application/vnd.docker.distribution.manifest.v1+json";
  private static final String DOCKER_V1_SIGNED =
      "application/vnd.docker.distribution.manifest.v1+prettyjws";

  /**
   * What we ask registries for. The two old types are named so that an old image gets a clear error
   * instead of a misleading "not found".
   */
  public static final String ACCEPT =
      String.join(
          ", ",
          OCI_INDEX,
          OCI_MANIFEST,
          DOCKER_LIST,
          DOCKER_MANIFEST,
          DOCKER_V1_SIGNED + ";q=0.1",
          DOCKER_V1 + ";q=0.1");

  private MediaTypes() {}

  /** The type without its parameters. */
  public static String bare(String contentType) {
    int semicolon = contentType.indexOf(';');
    String type = semicolon < 0 ? contentType : contentType.substring(0, semicolon);
    return type.strip().toLowerCase(Locale.ROOT);
  }

  public static boolean isManifest(String type) {
    return type.equals(OCI_MANIFEST) || type.equals(DOCKER_MANIFEST);
  }

  public static boolean isIndex(String type) {
    return type.equals(OCI_INDEX) || type.equals(DOCKER_LIST);
  }

  public static boolean isOldManifest(String type) {
    return type.equals(DOCKER_V1) || type.equals(DOCKER_V1_SIGNED);
  }

  public static boolean isImageConfig(String type) {
    return type.equals(OCI_CONFIG) || type.equals(DOCKER_CONFIG);
  }

  /** Layers of every kind that the specs allow; how one is packed is told by its bytes. */
  public static boolean isLayer(String type) {
    return switch (type) {
      case "application/vnd.oci.image.layer.v1.tar",
          "application/vnd.oci.image.layer.v1.tar+gzip",
          "application/vnd.oci.image.layer.v1.tar+zstd",
          "application/vnd.oci.image.layer.nondistributable.v1.tar",
          "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
          "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
          "application/vnd.docker.image.rootfs.diff.tar",
          "application/vnd.docker.image.rootfs.diff.tar.gzip",
          "application/vnd.docker.image.rootfs.diff.tar.zstd",
          "application/vnd.docker.image.rootfs.foreign.diff.tar",
          "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" ->
          true;
      default -> false;
    };
  }
}

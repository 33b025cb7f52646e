package dev.jrunc.image.commit;

/** How a new layer is packed. */
public enum Packing {
  GZIP("application/vnd.oci.image.layer.v1.tar+gzip"),
  ZSTD("application/vnd.oci.image.layer.v1.tar+zstd"),
  NONE("application/vnd.oci.image.layer.v1.tar");

  private final String mediaType;

  Packing(String mediaType) {
    this.mediaType = mediaType;
  }

  String mediaType() {
    return mediaType;
  }
}

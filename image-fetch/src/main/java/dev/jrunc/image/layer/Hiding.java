package dev.jrunc.image.layer;

/** What whiteouts do. They hide what lower layers brought, wherever they stand in the archive. */
interface Hiding {
  /** {@code .wh.NAME} in {@code folder}. */
  void hide(String folder, String name);

  /** {@code .wh..wh..opq} in {@code folder}. */
  void hideAll(String folder);

  /** All entries of the layer are made. */
  void finish();
}

package dev.jrunc.image.registry;

/** Hears what a person may want to know while requests run. Called from several threads. */
public interface RegistryListener {
  RegistryListener SILENT = sentence -> {};

  /** Something went wrong that did not stop the work, in one sentence. */
  void notice(String sentence);
}

package dev.jrunc.image.pull;

/** Hears what happens during a pull. Called from several threads at once. */
public interface PullListener {
  void on(PullEvent event);
}

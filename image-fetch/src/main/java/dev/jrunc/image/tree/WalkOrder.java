package dev.jrunc.image.tree;

import java.util.Comparator;

/** The order of {@link TreeReader#walk}: what is in a folder follows it, before its neighbours. */
enum WalkOrder implements Comparator<String> {
  OF_PATHS;

  @Override
  public int compare(String one, String other) {
    int common = Math.min(one.length(), other.length());
    for (int i = 0; i < common; i++) {
      char first = one.charAt(i);
      char second = other.charAt(i);
      if (first != second) {
        return first == '/' ? -1 : second == '/' ? 1 : first - second;
      }
    }
    return one.length() - other.length();
  }
}

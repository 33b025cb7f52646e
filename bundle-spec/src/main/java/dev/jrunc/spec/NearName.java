package dev.jrunc.spec;

import java.util.Locale;

/** Finds the word that somebody probably meant. */
final class NearName {
  private NearName() {}

  /** The nearest of the words in {@code known}, divided by spaces; empty if none is near. */
  static String among(String known, String word) {
    String best = "";
    // A third of the letters may be wrong: enough for slips, too little for chance.
    int bound = Math.min(3, word.length() / 3) + 1;
    for (String candidate : Separated.by(' ', known)) {
      if (candidate.length() > 64 || word.length() > 64) {
        continue;
      }
      int distance = distance(candidate.toLowerCase(Locale.ROOT), word.toLowerCase(Locale.ROOT));
      if (distance < bound) {
        bound = distance;
        best = candidate;
      }
    }
    return best;
  }

  /** Whether {@code word} is one of the words in {@code known}, divided by spaces. */
  static boolean isAmong(String known, String word) {
    if (word.isEmpty() || word.indexOf(' ') >= 0) {
      return false;
    }
    int length = word.length();
    for (int at = known.indexOf(word); at >= 0; at = known.indexOf(word, at + 1)) {
      boolean starts = at == 0 || known.charAt(at - 1) == ' ';
      int end = at + length;
      if (starts && (end == known.length() || known.charAt(end) == ' ')) {
        return true;
      }
    }
    return false;
  }

  /** How to mend {@code word}: the word it is near to, or all there are. */
  static String advice(String known, String word) {
    String near = among(known, word);
    return near.isEmpty() ? "one of " + known.replace(" ", ", ") : "did you mean \"" + near + "\"?";
  }

  // Levenshtein's distance, one row at a time.
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}

package dev.jrunc.image.auth;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One challenge of a {@code WWW-Authenticate} header: RFC 9110 section 11.6.1.
 *
 * <p>A header may hold several challenges, a response several headers; a comma separates both
 * challenges and their parameters, so a word that is followed by another word begins a new
 * challenge.
 */
public record Challenge(String scheme, Map<String, String> parameters) {
  public Challenge {
    parameters = Map.copyOf(parameters);
  }

  public String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }

  /** The first challenge that we know how to answer. */
  public static @Nullable Challenge firstKnown(List<String> headers) {
    for (String header : headers) {
      for (Challenge challenge : parse(header)) {
        if (challenge.scheme.equals("bearer") || challenge.scheme.equals("basic")) {
          return challenge;
        }
      }
    }
    return null;
  }

  static List<Challenge> parse(String header) {
    return new Scanner(header).challenges();
  }

  private static final class Scanner {
    private final String text;
    private int position;

    Scanner(String text) {
      this.text = text;
    }

    List<Challenge> challenges() {
      List<Challenge> found = new ArrayList<>();
      String scheme = null;
      Map<String, String> parameters = new HashMap<>();
      while (skipSeparators()) {
        String word = token();
        if (word.isEmpty()) {
          position++;
          continue;
        }
        int afterWord = position;
        skipSpaces();
        if (position < text.length() && text.charAt(position) == '=' && scheme != null) {
          position++;
          skipSpaces();
          parameters.put(word.toLowerCase(Locale.ROOT), value());
          continue;
        }
        position = afterWord;
        if (scheme != null) {
          found.add(new Challenge(scheme, parameters));
        }
        scheme = word.toLowerCase(Locale.ROOT);
        parameters = new HashMap<>();
      }
      if (scheme != null) {
        found.add(new Challenge(scheme, parameters));
      }
      return found;
    }

    private boolean skipSeparators() {
      while (position < text.length()
          && (text.charAt(position) == ',' || Character.isWhitespace(text.charAt(position)))) {
        position++;
      }
      return position < text.length();
    }

    private void skipSpaces() {
      while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
        position++;
      }
    }

    private String token() {
      int start = position;
      while (position < text.length() && isTokenCharacter(text.charAt(position))) {
        position++;
      }
      return text.substring(start, position);
    }

    private String value() {
      if (position >= text.length() || text.charAt(position) != '"') {
        int start = position;
        while (position < text.length()
            && text.charAt(position) != ','
            && !Character.isWhitespace(text.charAt(position))) {
          position++;
        }
        return text.substring(start, position);
      }
      StringBuilder value = new StringBuilder();
      for (position++; position < text.length() && text.charAt(position) != '"'; position++) {
        if (text.charAt(position) == '\\' && position + 1 < text.length()) {
          position++;
        }
        value.append(text.charAt(position));
      }
      position++;
      return value.toString();
    }

    private static boolean isTokenCharacter(char c) {
      return Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
  }
}

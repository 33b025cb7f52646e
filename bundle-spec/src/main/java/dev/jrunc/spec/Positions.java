package dev.jrunc.spec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives findings the line and column of what they point at, by a second walk over the document that
 * is made only where something was found. A pointer to what is not there gets the place of the
 * nearest value around it.
 */
final class Positions {
  private final JsonParser parser;
  private final Set<String> wanted = new HashSet<>();
  private final Map<String, Place> places = new HashMap<>();

  private record Place(int line, int column) {}

  private Positions(JsonParser parser) {
    this.parser = parser;
  }

  /** {@code found} in the order of the document, each with its place. */
  static List<Violation> inOrder(List<Violation> found, JsonParser parser) throws IOException {
    Positions positions = new Positions(parser);
    for (Violation violation : found) {
      positions.want(violation.pointer());
    }
    try {
      if (parser.nextToken() != null) {
        positions.walk("");
      }
    } catch (JsonProcessingException e) {
      // The document breaks off here, which is among what was found; what came before has its
      // place.
      positions.places.putIfAbsent("", new Place(1, 1));
    }
    List<Violation> placed = new ArrayList<>(found.size());
    for (Violation violation : found) {
      placed.add(violation.line() > 0 ? violation : positions.placed(violation));
    }
    placed.sort(Comparator.comparingInt(Violation::line).thenComparingInt(Violation::column));
    return placed;
  }

  private void want(String pointer) {
    for (String p = pointer; wanted.add(p) && !p.isEmpty(); ) {
      p = parent(p);
    }
  }

  // Goes only into what is wanted, so no deeper than the longest pointer of a finding.
  private void walk(String pointer) throws IOException {
    places.putIfAbsent(
        pointer,
        new Place(
            parser.currentTokenLocation().getLineNr(),
            parser.currentTokenLocation().getColumnNr()));
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String child = pointer + "/" + PointerSegment.of(parser.currentName());
        parser.nextToken();
        step(child);
      }
    } else if (parser.currentToken() == JsonToken.START_ARRAY) {
      for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
        step(pointer + "/" + i);
      }
    }
  }

  private void step(String child) throws IOException {
    if (wanted.contains(child)) {
      walk(child);
    } else {
      parser.skipChildren();
    }
  }

  private Violation placed(Violation v) {
    String pointer = v.pointer();
    @Nullable Place place = places.get(pointer);
    while (place == null && !pointer.isEmpty()) {
      pointer = parent(pointer);
      place = places.get(pointer);
    }
    return place == null
        ? v
        : new Violation(v.pointer(), place.line(), place.column(), v.message(), v.hint());
  }

  private static String parent(String pointer) {
    return pointer.substring(0, Math.max(0, pointer.lastIndexOf('/')));
  }
}

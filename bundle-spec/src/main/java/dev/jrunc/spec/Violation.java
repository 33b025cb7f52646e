package dev.jrunc.spec;

/**
 * One thing that is wrong with a document.
 *
 * @param pointer where, as a JSON pointer (RFC 6901); empty for the document as a whole
 * @param line from 1, 0 if unknown
 * @param column from 1, 0 if unknown
 * @param message what is wrong: lower case, values quoted, no final stop
 * @param hint how to mend it; may be empty
 */
public record Violation(String pointer, int line, int column, String message, String hint) {

  @Override
  public String toString() {
    String place = pointer.isEmpty() ? "" : pointer + ": ";
    String where = line == 0 ? "" : " (line " + line + ")";
    return place + message + where + (hint.isEmpty() ? "" : "; " + hint);
  }
}

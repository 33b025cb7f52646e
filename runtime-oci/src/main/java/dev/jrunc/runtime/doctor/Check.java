package dev.jrunc.runtime.doctor;

/**
 * What was found about one thing.
 *
 * @param name a stable word, of which there is one in a diagnosis
 * @param what for people
 * @param mend what to do about it; empty where nothing is to be done
 */
public record Check(String name, Status status, String what, String mend) {

  /** How much it stands in the way. */
  public enum Status {
    /** It is there. */
    OK,
    /** Containers run here, but not those that ask for this. */
    LIMITED,
    /** No usual container runs here. */
    MISSING;

    /** The word in the documents. */
    public String word() {
      return switch (this) {
        case OK -> "ok";
        case LIMITED -> "limited";
        case MISSING -> "missing";
      };
    }
  }
}

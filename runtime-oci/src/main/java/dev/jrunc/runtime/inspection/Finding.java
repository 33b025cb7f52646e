package dev.jrunc.runtime.inspection;

import dev.jrunc.spec.Violation;

/** One thing that was found, and who it is about. */
public record Finding(Kind kind, Violation at) {

  /** Who or what is to be changed. */
  public enum Kind {
    /** The config breaks a rule. */
    VIOLATION,
    /** This host lacks what the config asks for. */
    HOST,
    /** This runtime was not built for what the config asks for. */
    RUNTIME,
    /** Legal, and probably not meant. */
    NOTE;

    /** The word in the documents. */
    public String word() {
      return switch (this) {
        case VIOLATION -> "violation";
        case HOST -> "host";
        case RUNTIME -> "runtime";
        case NOTE -> "note";
      };
    }
  }
}

package dev.jrunc.spec;

import java.util.List;

/**
 * The namespaces a container has for itself, new or joined.
 *
 * @param isKnown false if the list of the config could not be read whole; no rule then blames the
 *     lack of one
 */
record OwnNamespaces(List<Namespace> all, boolean isKnown) {

  static OwnNamespaces of(Spec spec, Findings found) {
    Linux linux = spec.linux();
    return new OwnNamespaces(
        linux == null ? List.of() : linux.namespaces(),
        !found.isDoubtful("/linux/namespaces") && !(linux == null && found.isDoubtful("/linux")));
  }

  boolean has(NamespaceType type) {
    for (Namespace namespace : all) {
      if (namespace.type() == type) {
        return true;
      }
    }
    return !isKnown;
  }

  /** Whether a namespace of this type is made, and not one joined that is there already. */
  boolean makes(NamespaceType type) {
    for (Namespace namespace : all) {
      if (namespace.type() == type) {
        return namespace.path() == null;
      }
    }
    return false;
  }

  static String advice(NamespaceType type) {
    return "add {\"type\": \"" + type.wireName() + "\"} to linux.namespaces";
  }
}

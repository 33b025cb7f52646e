package dev.jrunc.runtime.doctor;

import java.util.ArrayList;
import java.util.List;

/** Collects what is found, in the order in which it is looked at. */
final class Checks {
  private final List<Check> all = new ArrayList<>();

  void ok(String name, String what) {
    all.add(new Check(name, Check.Status.OK, what, ""));
  }

  void limited(String name, String what, String mend) {
    all.add(new Check(name, Check.Status.LIMITED, what, mend));
  }

  void missing(String name, String what, String mend) {
    all.add(new Check(name, Check.Status.MISSING, what, mend));
  }

  List<Check> inOrder() {
    return all;
  }
}

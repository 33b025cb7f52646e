package dev.jrunc.spec;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a config that hold between its fields. None of them asks the host. Where an engine
 * matches runc's words, the words are runc's.
 */
final class SpecValidator {
  // What sethostname(2) takes.
  private static final int LONGEST_NAME = 64;

  private final Spec spec;
  private final Findings found;
  private final OwnNamespaces namespaces;

  private SpecValidator(Spec spec, Findings found) {
    this.spec = spec;
    this.found = found;
    this.namespaces = OwnNamespaces.of(spec, found);
  }

  static void validate(Spec spec, Findings found) {
    SpecValidator validator = new SpecValidator(spec, found);
    validator.version();
    validator.root();
    validator.name("hostname", spec.hostname());
    validator.name("domainname", spec.domainname());
    validator.annotations();
    validator.hooks();
    Process process = spec.process();
    if (process == null) {
      found.rule("/process", "process property must not be empty", "");
    } else {
      ProcessRules.check(process, "/process", found);
    }
    MountRules.check(spec.mounts(), validator.namespaces, found);
    NamespaceRules.check(validator.linux(), validator.namespaces, found);
    LinuxRules.check(validator.linux(), found);
  }

  private Linux linux() {
    Linux linux = spec.linux();
    return linux == null ? Linux.EMPTY : linux;
  }

  private void version() {
    if (!isVersion(spec.ociVersion())) {
      found.rule(
          "/ociVersion",
          "\"" + spec.ociVersion() + "\" is not a version of the specification",
          "SemVer, for example \"1.2.0\"");
    }
  }

  private void root() {
    Root root = spec.root();
    if (root == null) {
      found.rule(
          "/root", "root is required", "name the folder of the root file system in root.path");
    } else if (root.path().isEmpty()) {
      found.rule("/root/path", "root.path must not be empty", "for example \"rootfs\"");
    }
  }

  private void name(String field, @Nullable String value) {
    if (value == null) {
      return;
    }
    if (!namespaces.has(NamespaceType.UTS)) {
      found.rule(
          "/" + field,
          "unable to set " + field + " without a private UTS namespace",
          OwnNamespaces.advice(NamespaceType.UTS));
    }
    if (value.length() > LONGEST_NAME) {
      found.rule(
          "/" + field, "the " + field + " is longer than " + LONGEST_NAME + " characters", "");
    }
  }

  private void annotations() {
    for (Map.Entry<String, String> annotation : spec.annotations().entrySet()) {
      if (annotation.getKey().isEmpty()) {
        found.rule("/annotations/", "the key of an annotation must not be empty", "");
      }
    }
  }

  private void hooks() {
    hooks("prestart", spec.hooks().prestart());
    hooks("createRuntime", spec.hooks().createRuntime());
    hooks("createContainer", spec.hooks().createContainer());
    hooks("startContainer", spec.hooks().startContainer());
    hooks("poststart", spec.hooks().poststart());
    hooks("poststop", spec.hooks().poststop());
  }

  private void hooks(String kind, List<Hook> hooks) {
    for (int i = 0; i < hooks.size(); i++) {
      String path = hooks.get(i).path();
      if (!path.startsWith("/")) {
        found.rule(
            "/hooks/" + kind + "/" + i + "/path",
            "the path \"" + path + "\" of a hook is not absolute",
            "");
      }
    }
  }

  // SemVer's three numbers; what follows a dash or plus is not looked at.
  private static boolean isVersion(String text) {
    int numbers = 0;
    boolean digit = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= '0' && c <= '9') {
        numbers += digit ? 0 : 1;
        digit = true;
      } else if (c == '.' && digit && numbers < 3) {
        digit = false;
      } else {
        return (c == '-' || c == '+') && digit && numbers == 3;
      }
    }
    return digit && numbers == 3;
  }
}

package dev.jrunc.image.reference;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The grammar of names, as Docker reads them.
 *
 * <pre>
 *   reference  = [ host "/" ] path [ ":" tag ] [ "@" digest ]
 *   host       = has a "." or a ":" or is "localhost"; otherwise it is part of the path
 *   path       = component *( "/" component )
 *   component  = alphanumerics joined by one "." or "_", by "__", or by any number of "-"
 *   tag        = word *127( word | "." | "-" )
 * </pre>
 */
final class ReferenceParser {
  private static final int LONGEST_NAME = 255;
  private static final int LONGEST_TAG = 128;
  private static final int BARE_DIGEST = 64;

  private final String what;
  private final String text;

  private ReferenceParser(String what, String text) {
    this.what = what;
    this.text = text;
  }

  static ImageReference image(String text) {
    return new ReferenceParser("image name", text).parse();
  }

  /** A host with its port, by itself. */
  static String host(String text) {
    return new ReferenceParser("registry", text).checkHost(text);
  }

  private ImageReference parse() {
    if (text.isEmpty()) {
      throw new ImageFailure("the image name is empty; write for instance alpine or host/name:tag");
    }
    String rest = text;
    Digest digest = null;
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = readDigest(rest.substring(at + 1));
      rest = rest.substring(0, at);
    }
    int slash = rest.indexOf('/');
    boolean hosted = slash > 0 && isHost(rest.substring(0, slash));
    String host = hosted ? rest.substring(0, slash) : ImageReference.DOCKER_HUB;
    String named = hosted ? rest.substring(slash + 1) : rest;
    int colon = named.lastIndexOf(':');
    String tag = null;
    if (colon > named.lastIndexOf('/')) {
      tag = checkTag(named.substring(colon + 1));
      named = named.substring(0, colon);
    }
    if (!host.equals(host.toLowerCase(Locale.ROOT)) && host.matches("[A-Za-z0-9-]*")) {
      throw upperCase();
    }
    return build(checkHost(host), named, tag, digest);
  }

  private ImageReference build(
      String host, String path, @Nullable String tag, @Nullable Digest digest) {
    checkPath(path);
    String knownHost = host.equals("index.docker.io") ? ImageReference.DOCKER_HUB : host;
    boolean official = knownHost.equals(ImageReference.DOCKER_HUB) && path.indexOf('/') < 0;
    if (official && path.length() == BARE_DIGEST && path.chars().allMatch(ReferenceParser::isHex)) {
      throw invalid(
          "64 hex digits are not a name; write name@sha256:" + path.substring(0, 8) + "...");
    }
    String repository = official ? "library/" + path : path;
    if (knownHost.length() + 1 + repository.length() > LONGEST_NAME) {
      throw invalid("the name is longer than " + LONGEST_NAME + " characters");
    }
    String keptTag = digest != null ? null : tag == null ? "latest" : tag;
    return new ImageReference(knownHost, repository, keptTag, digest);
  }

  private Digest readDigest(String written) {
    try {
      return Digest.parse(written);
    } catch (ImageFailure e) {
      throw new ImageFailure("invalid " + what + " \"" + text + "\": " + e.getMessage(), e);
    }
  }

  private static boolean isHost(String first) {
    return first.indexOf('.') >= 0
        || first.indexOf(':') >= 0
        || first.equals("localhost")
        || !first.equals(first.toLowerCase(Locale.ROOT));
  }

  private String checkHost(String host) {
    String name = host;
    if (host.length() > LONGEST_NAME) {
      throw invalid("the name is longer than " + LONGEST_NAME + " characters");
    }
    if (host.startsWith("[")) {
      int close = host.indexOf(']');
      if (close < 0 || !host.substring(1, close).chars().allMatch(c -> isHex(c) || c == ':')) {
        throw invalid("\"" + host + "\" is not an IPv6 address in brackets");
      }
      checkPort(host.substring(close + 1), host);
      return addressable(host);
    }
    int colon = host.indexOf(':');
    if (colon >= 0) {
      name = host.substring(0, colon);
      checkPort(host.substring(colon), host);
    }
    for (String label : name.split("\\.", -1)) {
      boolean fine =
          !label.isEmpty()
              && label.chars().allMatch(c -> isAlphanumeric(Character.toLowerCase(c)) || c == '-')
              && !label.startsWith("-")
              && !label.endsWith("-");
      if (!fine) {
        throw invalid("\"" + host + "\" is not a registry host");
      }
    }
    return addressable(host);
  }

  /** RFC 3986, 3.2.2: what looks like an address must be one, or there is nobody to ask. */
  private String addressable(String host) {
    try {
      new URI("https://" + host + "/").parseServerAuthority();
      return host;
    } catch (URISyntaxException e) {
      throw invalid("\"" + host + "\" is neither the name nor the address of a host");
    }
  }

  private void checkPort(String suffix, String host) {
    if (suffix.isEmpty() && host.startsWith("[")) {
      return;
    }
    boolean digits =
        suffix.length() >= 2
            && suffix.length() <= 6
            && suffix.charAt(0) == ':'
            && suffix.substring(1).chars().allMatch(c -> c >= '0' && c <= '9');
    if (!digits || Integer.parseInt(suffix.substring(1)) > 65535) {
      throw invalid("\"" + host + "\" has no valid port");
    }
  }

  private void checkPath(String path) {
    if (path.isEmpty()) {
      throw invalid("the name of the repository is missing");
    }
    if (!path.equals(path.toLowerCase(Locale.ROOT))) {
      throw upperCase();
    }
    for (String component : path.split("/", -1)) {
      checkComponent(component);
    }
  }

  private void checkComponent(String component) {
    if (component.isEmpty()) {
      throw invalid("it has an empty part between slashes");
    }
    int i = 0;
    int length = component.length();
    while (i < length) {
      int start = i;
      while (i < length && isAlphanumeric(component.charAt(i))) {
        i++;
      }
      int separator = i;
      if (i > start && i == length) {
        return;
      }
      while (i < length && !isAlphanumeric(component.charAt(i))) {
        i++;
      }
      if (separator == start || i == length || !isSeparator(component.substring(separator, i))) {
        throw invalid(
            "the part \""
                + component
                + "\" may hold a-z and 0-9, joined by \".\", \"_\", \"__\" or \"-\"");
      }
    }
  }

  private static boolean isSeparator(String between) {
    return between.equals(".")
        || between.equals("_")
        || between.equals("__")
        || between.chars().allMatch(c -> c == '-');
  }

  private String checkTag(String tag) {
    boolean fine = !tag.isEmpty() && tag.length() <= LONGEST_TAG && isWord(tag.charAt(0));
    fine = fine && tag.chars().allMatch(c -> isWord(c) || c == '.' || c == '-');
    if (!fine) {
      throw invalid(
          "the tag \""
              + tag
              + "\" must be 1 to 128 letters, digits, \"_\", \".\" or \"-\", not led by \".\" or \"-\"");
    }
    return tag;
  }

  private static boolean isAlphanumeric(int c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  private static boolean isWord(int c) {
    return isAlphanumeric(c) || (c >= 'A' && c <= 'Z') || c == '_';
  }

  private static boolean isHex(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }

  private ImageFailure upperCase() {
    return invalid("a repository name has no upper-case letters");
  }

  private ImageFailure invalid(String why) {
    return new ImageFailure("invalid " + what + " \"" + text + "\": " + why);
  }
}

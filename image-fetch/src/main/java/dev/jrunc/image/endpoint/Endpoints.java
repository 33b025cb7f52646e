package dev.jrunc.image.endpoint;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.reference.ImageReference;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who is asked for an image: mirrors first, in the order of their sources, then the registry. */
public final class Endpoints {
  private final Map<String, List<URI>> mirrors;
  private final Set<String> insecure;
  private final List<Rule.Source> sources;

  private Endpoints(
      Map<String, List<URI>> mirrors, Set<String> insecure, List<Rule.Source> sources) {
    this.mirrors = Map.copyOf(mirrors);
    this.insecure = Set.copyOf(insecure);
    this.sources = List.copyOf(sources);
  }

  /** What was said on the command line, and nothing else. */
  public static Endpoints of(Map<String, List<URI>> mirrors, Set<String> insecure) {
    return new Endpoints(mirrors, insecure, List.of());
  }

  /** What was said on the command line goes before what the files say. */
  public static Endpoints of(
      Map<String, List<URI>> mirrors, Set<String> insecure, ConfigurationFiles files) {
    return new Endpoints(
        mirrors,
        insecure,
        List.of(
            RegistriesConf.read(files.registries()),
            new HostsToml(files.hosts()),
            new DaemonJson(files.daemon())));
  }

  /** Whom to ask, the registry itself last. */
  public List<Endpoint> toPull(ImageReference image) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (URI mirror : mirrors.getOrDefault(image.host(), List.of())) {
      Terms terms = Terms.COMMON.withWrittenScheme().insecure(isInsecure(mirror.getRawAuthority()));
      endpoints.add(new Endpoint(mirror, mirror.getRawAuthority(), image.repository(), "", terms));
    }
    List<Rule> rules = rules(image);
    boolean byTag = image.tag() != null;
    for (Rule rule : rules) {
      for (Endpoint mirror : rule.mirrors()) {
        boolean serves = byTag ? mirror.terms().byTag() : mirror.terms().byDigest();
        boolean known = endpoints.stream().anyMatch(e -> e.base().equals(mirror.base()));
        if (serves && !known) {
          boolean loose = isInsecure(mirror.base().getRawAuthority());
          endpoints.add(mirror.with(mirror.terms().insecure(loose)));
        }
      }
    }
    endpoints.add(origin(image, rules));
    return List.copyOf(endpoints);
  }

  /** Whom to push to: never a mirror. */
  public Endpoint toPush(ImageReference image) {
    return origin(image, rules(image));
  }

  private List<Rule> rules(ImageReference image) {
    List<Rule> rules = new ArrayList<>();
    for (Rule.Source source : sources) {
      Rule rule = source.about(image.host(), image.repository());
      if (!rule.blocked().isEmpty()) {
        throw new ImageFailure("registry " + rule.blocked());
      }
      rules.add(rule);
    }
    return rules;
  }

  private Endpoint origin(ImageReference image, List<Rule> rules) {
    Endpoint origin = null;
    boolean loose = false;
    for (Rule rule : rules) {
      origin = origin == null ? rule.origin() : origin;
      loose |= rule.insecure();
    }
    Endpoint chosen = origin == null ? Endpoint.of(image.host(), image.repository()) : origin;
    loose |= isInsecure(image.host()) || isInsecure(chosen.base().getRawAuthority());
    return chosen.with(chosen.terms().insecure(loose));
  }

  private boolean isInsecure(String authority) {
    return InsecureHosts.contains(insecure, authority);
  }
}

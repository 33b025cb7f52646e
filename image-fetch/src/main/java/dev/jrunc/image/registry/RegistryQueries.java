package dev.jrunc.image.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.endpoint.Endpoint;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.manifest.ManifestDocument.ImageIndex;
import dev.jrunc.image.manifest.ManifestReader;
import dev.jrunc.image.manifest.MediaTypes;
import dev.jrunc.image.reference.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Questions about a repository beyond its images. They go to the registry itself, not to mirrors.
 */
public final class RegistryQueries {
  private static final int TAGS_A_PAGE = 1000; // Amazon's registry refuses more.
  private static final int MOST_PAGES = 1000;
  private static final int LARGEST_PAGE = 8 * 1024 * 1024;
  private static final long LARGEST_LIST = 32 * 1024 * 1024;
  private static final Pattern NEXT =
      Pattern.compile("<([^>]*)>\\s*;(?:[^,]*;)?\\s*rel=\"?next\"?", Pattern.CASE_INSENSITIVE);

  private final Exchange exchange;

  RegistryQueries(Exchange exchange) {
    this.exchange = exchange;
  }

  /** All tags of the repository, in the registry's order. */
  public List<String> tags(ImageReference image) {
    Endpoint endpoint = endpoint(image);
    List<String> tags = new ArrayList<>();
    String what = "the tags of " + image.host() + "/" + image.repository();
    pages(
        endpoint,
        endpoint.tags(TAGS_A_PAGE),
        "application/json",
        what,
        page -> page.path("tags").forEach(tag -> tags.add(tag.asText())));
    return tags;
  }

  /**
   * Manifests that say they belong to {@code subject}: distribution-spec, "Listing Referrers". A
   * registry that does not know them keeps them under a tag of the digest.
   */
  public List<Descriptor> referrers(ImageReference image, Digest subject, String artifactType) {
    Endpoint endpoint = endpoint(image);
    List<Descriptor> found = new ArrayList<>();
    try {
      pages(
          endpoint,
          endpoint.referrers(subject, artifactType),
          MediaTypes.OCI_INDEX,
          "the referrers of " + subject,
          page -> found.addAll(read(page, "referrers of " + subject).manifests()));
      return found;
    } catch (NotThere e) {
      return fromTag(endpoint, subject);
    }
  }

  private List<Descriptor> fromTag(Endpoint endpoint, Digest subject) {
    String tag = subject.algorithm().word() + "-" + subject.hex();
    String shortened = tag.substring(0, Math.min(tag.length(), 32 + 1 + 64));
    String what = "the referrers of " + subject;
    HttpResponse<InputStream> response =
        get(endpoint, endpoint.manifest(shortened), MediaTypes.OCI_INDEX);
    if (response.statusCode() == 404) {
      Bodies.discard(response);
      return List.of();
    }
    return read(Json.object(whole(endpoint, response, what), what), what).manifests();
  }

  private static ImageIndex read(JsonNode page, String what) {
    byte[] content = Json.pretty(page).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    if (new ManifestReader(what).read(content, MediaTypes.OCI_INDEX) instanceof ImageIndex index) {
      return index;
    }
    throw new ImageFailure(what + " are no index");
  }

  /** What the registry says about its limits when asked for the image by HEAD, by header name. */
  public Map<String, String> rateLimit(ImageReference image) {
    Endpoint endpoint = endpoint(image);
    HttpResponse<InputStream> response =
        exchange.ask(
            endpoint,
            Scope.pull(endpoint.repository()),
            Request.head(endpoint.manifest(image.selector()), Map.of("Accept", MediaTypes.ACCEPT)));
    if (response.statusCode() != 200 && response.statusCode() != 429) {
      throw Refusals.of(endpoint, "image " + image, response);
    }
    Map<String, String> limits = new LinkedHashMap<>();
    for (String name :
        new String[] {
          "ratelimit-limit", "ratelimit-remaining", "docker-ratelimit-source", "retry-after"
        }) {
      response.headers().firstValue(name).ifPresent(value -> limits.put(name, value));
    }
    Bodies.discard(response);
    return limits;
  }

  /** Fails if the registry does not let us in with the credentials it was given. */
  public void login(String host) {
    Endpoint endpoint = endpoint(new ImageReference(host, "", "latest", null));
    HttpResponse<InputStream> response =
        exchange.ask(endpoint, Scope.login(), Request.get(endpoint.root(), Map.of()));
    if (response.statusCode() != 200) {
      throw Refusals.of(endpoint, "a log-in", response);
    }
    Bodies.discard(response);
  }

  private Endpoint endpoint(ImageReference image) {
    return exchange.settle(exchange.settings().endpoints().toPull(image).getLast());
  }

  /** What is done with each page. */
  private interface Page {
    void take(JsonNode page);
  }

  private void pages(Endpoint endpoint, URI first, String type, String what, Page page) {
    URI next = first;
    Set<URI> seen = new HashSet<>();
    long size = 0;
    while (next != null) {
      if (!seen.add(next)) {
        throw new ImageFailure(what + " go in a circle: a page names an earlier one as the next");
      }
      if (seen.size() > MOST_PAGES || size > LARGEST_LIST) {
        throw new ImageFailure(
            what + " fill more than " + MOST_PAGES + " pages or " + (LARGEST_LIST >> 20) + " MiB");
      }
      HttpResponse<InputStream> response = get(endpoint, next, type);
      if (response.statusCode() != 200) {
        throw Refusals.of(endpoint, what, response);
      }
      URI here = next;
      next = next(here, response.headers().allValues("link"));
      byte[] content = whole(endpoint, response, what);
      size += content.length;
      page.take(Json.object(content, what));
    }
  }

  /** Only path and query count: a registry behind a proxy often names itself wrong. */
  private static @Nullable URI next(URI here, List<String> links) {
    for (String link : links) {
      Matcher matcher = NEXT.matcher(link);
      if (matcher.find()) {
        try {
          URI there = here.resolve(matcher.group(1));
          String query = there.getRawQuery() == null ? "" : "?" + there.getRawQuery();
          String path = there.getRawPath() == null ? "" : there.getRawPath();
          // Not resolved a second time: a path with two slashes would be another server's name.
          return URI.create(here.getScheme() + "://" + here.getRawAuthority() + path + query);
        } catch (IllegalArgumentException e) {
          return null;
        }
      }
    }
    return null;
  }

  private HttpResponse<InputStream> get(Endpoint endpoint, URI address, String type) {
    return exchange.ask(
        endpoint, Scope.pull(endpoint.repository()), Request.get(address, Map.of("Accept", type)));
  }

  private byte[] whole(Endpoint endpoint, HttpResponse<InputStream> response, String what) {
    try {
      return Bodies.whole(response, LARGEST_PAGE, what, exchange.settings().timing().stall());
    } catch (IOException e) {
      throw Outages.explain(endpoint, response.uri(), e);
    }
  }
}

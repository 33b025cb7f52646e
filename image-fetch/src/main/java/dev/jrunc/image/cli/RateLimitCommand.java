package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.RegistryClient;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "ratelimit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Says how many pulls the registry still allows. Asking does not count as one.",
    footerHeading = "%nExample:%n",
    footer = "  jimage ratelimit --json      Docker Hub's limit, for you or for your address")
final class RateLimitCommand extends Subcommand {
  // What Docker's documentation names for the question.
  private static final String QUESTION = "docker.io/ratelimitpreview/test:latest";

  @Parameters(
      arity = "0..1",
      paramLabel = "IMAGE",
      description = "Ask for this image (one that Docker Hub keeps for the question).")
  private @Nullable String image;

  @Override
  public Integer call() {
    ImageReference asked = ImageReference.parse(image == null ? QUESTION : image);
    try (RegistryClient registry = connect(asked)) {
      Map<String, String> said = registry.queries().rateLimit(asked);
      Limit limit = Limit.read(said.getOrDefault("ratelimit-limit", ""));
      Limit remaining = Limit.read(said.getOrDefault("ratelimit-remaining", ""));
      String source = said.getOrDefault("docker-ratelimit-source", "");
      if (common().json()) {
        ObjectNode tree = Json.newObject();
        tree.put("registry", asked.host()).put("limited", limit != null);
        // Each of them also where the registry does not say it: whoever reads it need not ask.
        tree.put("limit", limit == null ? null : Long.valueOf(limit.count));
        tree.put("windowSeconds", limit == null ? null : Long.valueOf(limit.seconds));
        tree.put("remaining", remaining == null ? null : Long.valueOf(remaining.count));
        tree.put("source", source).put("retryAfter", said.getOrDefault("retry-after", ""));
        print(tree);
      } else if (limit == null) {
        line(asked.host() + " names no limit");
      } else {
        line(
            "%s: %s of %d pulls left in %d s%s"
                .formatted(
                    asked.host(),
                    remaining == null ? "?" : String.valueOf(remaining.count),
                    limit.count,
                    limit.seconds,
                    source.isEmpty() ? "" : " for " + source));
      }
    }
    return 0;
  }

  /** {@code 100;w=21600}: so many in so many seconds. */
  private record Limit(long count, long seconds) {
    static @Nullable Limit read(String header) {
      String[] parts = header.split(";", -1);
      if (!parts[0].strip().matches("\\d{1,9}")) {
        return null;
      }
      long seconds = 0;
      for (String part : parts) {
        if (part.strip().matches("w=\\d{1,9}")) {
          seconds = Long.parseLong(part.strip().substring(2));
        }
      }
      return new Limit(Long.parseLong(parts[0].strip()), seconds);
    }
  }
}

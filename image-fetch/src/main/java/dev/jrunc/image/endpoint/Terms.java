package dev.jrunc.image.endpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a server may be asked, and how it is trusted.
 *
 * @param byTag whether it may say what a tag means; a mirror that may not is asked by digest only
 * @param byDigest whether it may be asked for content
 * @param root whether its address is the whole of the API's, so that no {@code /v2} follows
 * @param written whether its scheme was written, and so is not ours to find out
 * @param insecure whether any certificate will do, or plain HTTP
 * @param authorities certificates to trust here besides the common ones
 * @param clients what we show ourselves with
 * @param headers sent along with each request
 */
public record Terms(
    boolean byTag,
    boolean byDigest,
    boolean root,
    boolean written,
    boolean insecure,
    List<Path> authorities,
    List<ClientFiles> clients,
    Map<String, String> headers) {
  public static final Terms COMMON =
      new Terms(true, true, false, false, false, List.of(), List.of(), Map.of());

  public Terms {
    authorities = List.copyOf(authorities);
    clients = List.copyOf(clients);
    headers = Map.copyOf(headers);
  }

  /** A client certificate and its key, both PEM; they may be one file. */
  public record ClientFiles(Path certificate, Path key) {}

  Terms withWrittenScheme() {
    return new Terms(byTag, byDigest, root, true, insecure, authorities, clients, headers);
  }

  Terms insecure(boolean accepted) {
    return new Terms(
        byTag, byDigest, root, written, insecure || accepted, authorities, clients, headers);
  }

  Terms serving(boolean tags, boolean digests) {
    return new Terms(tags, digests, root, written, insecure, authorities, clients, headers);
  }
}

package dev.jrunc.image.registry;

import dev.jrunc.image.endpoint.Terms.ClientFiles;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** {@code certs.d/HOST}: {@code *.crt} are trusted, {@code *.cert} with {@code *.key} are shown. */
final class CertificateFolder {
  private CertificateFolder() {}

  static List<Path> authorities(Path folder) {
    return files(folder, ".crt");
  }

  static List<ClientFiles> clients(Path folder) {
    return files(folder, ".cert").stream().map(CertificateFolder::withKey).toList();
  }

  private static ClientFiles withKey(Path certificate) {
    String name = String.valueOf(certificate.getFileName());
    Path key =
        certificate.resolveSibling(name.substring(0, name.length() - ".cert".length()) + ".key");
    if (!Files.exists(key)) {
      throw new ImageFailure(
          "\"%s\" has no key beside it: \"%s\" is missing".formatted(certificate, key));
    }
    return new ClientFiles(certificate, key);
  }

  private static List<Path> files(Path folder, String end) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
    } catch (IOException e) {
      throw Reasons.cannotRead(folder, e);
    }
  }
}

package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.auth.CredentialStore;
import dev.jrunc.image.copy.ImageCopy;
import dev.jrunc.image.copy.ImageSource;
import dev.jrunc.image.copy.ImageTarget;
import dev.jrunc.image.copy.ManifestFormat;
import dev.jrunc.image.copy.Place;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.layer.UnpackLimits;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.manifest.Platform;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.signature.Policy;
import dev.jrunc.image.signature.SignatureCheck;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "copy",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Copies an image from one place to another. The digest stays, except from docker-archive: and"
          + " where --format changes what is there.",
      "A place is docker://NAME (or NAME), store:NAME, oci:DIR[:TAG], oci-archive:FILE[:TAG] or"
          + " docker-archive:FILE[:NAME]."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  jimage copy --all alpine registry.example.org/alpine:latest",
      "  jimage copy --format oci docker://alpine oci:layout:alpine      for umoci, say",
      "  jimage copy store:alpine docker-archive:alpine.tar:alpine:latest",
      "  jimage copy docker-archive:saved.tar store:mine:1"
    })
final class CopyCommand extends Subcommand {
  @Parameters(index = "0", paramLabel = "SOURCE", description = "Where the image is.")
  private String from;

  @Parameters(index = "1", paramLabel = "TARGET", description = "Where it goes.")
  private String to;

  @Option(
      names = {"-a", "--all"},
      description = "All images of an index, not only that of a platform.")
  private boolean all;

  @Option(
      names = "--format",
      paramLabel = "oci|v2s2",
      description = "Write manifests as the OCI or as Docker has them (as they are).")
  private @Nullable String format;

  @Option(
      names = "--limit",
      paramLabel = "NAME=N",
      description = "Unpack no more of an archive, or for one, than this: NAME as for bundle.")
  private List<String> limits = new ArrayList<>();

  @Mixin private PolicyFile policy;

  @Option(
      names = "--src-creds",
      paramLabel = "NAME[:PASSWORD]",
      description = "As --creds, for the registry of the source alone.")
  private @Nullable String sourceCreds;

  @Option(
      names = "--dest-creds",
      paramLabel = "NAME[:PASSWORD]",
      description =
          "As --creds, for that of the target; a second line of the input is its password.")
  private @Nullable String targetCreds;

  @Mixin private DigestFile digestFile;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  CopyCommand() {}

  @Override
  public Integer call() {
    Place source = Place.parse(from);
    Place target = Place.parse(to);
    // One for each side: the same registry may know them by different names.
    try (RegistryClient registry = connect(source, "--src-creds", sourceCreds);
        RegistryClient other = connect(target, "--dest-creds", targetCreds)) {
      UnpackLimits most = UnpackLimits.DEFAULT.with(limits);
      try (ImageSource opened = new Places(registry, common().store(), most).source(source);
          ImageTarget made = new Places(other, common().store(), most).target(target)) {
        Platform wanted = common().platform() == null ? Platform.host() : common().platform();
        ManifestFormat kept =
            format == null ? null : Words.of(ManifestFormat.class, "--format", format, spec());
        ImageCopy.Result result =
            new ImageCopy(opened, made, all ? null : wanted, kept, this::say)
                .run(gate(source, registry));
        digestFile.write(result.root().digest());
        print(result);
      }
    }
    return 0;
  }

  private RegistryClient connect(Place place, String option, @Nullable String creds) {
    if (place instanceof Place.Registry each) {
      return creds == null
          ? connect(each.image())
          : connect(each.image(), option, creds, this::say);
    }
    if (creds != null) {
      throw new ImageFailure(option + " is given, but no registry is there");
    }
    return common().registry().connect(this::say, new CredentialStore(List.of()));
  }

  /** What is in the store was let in when it came. */
  private ImageCopy.Gate gate(Place source, RegistryClient registry) {
    Policy found = policy.find();
    if (found == null) {
      return digests -> {};
    }
    return switch (source) {
      case Place.Registry each ->
          digests -> SignatureCheck.by(registry, found).check(each.image(), digests);
      case Place.Store each -> digests -> {};
      case Place.Layout each -> digests -> found.checkElsewhere("oci", each.folder());
      case Place.OciArchive each -> digests -> found.checkElsewhere("oci-archive", each.file());
      case Place.DockerArchive each ->
          digests -> found.checkElsewhere("docker-archive", each.file());
    };
  }

  private void print(ImageCopy.Result result) {
    if (common().json()) {
      ObjectNode tree = Json.newObject();
      tree.put("source", from).put("target", to);
      tree.put("digest", result.root().digest().toString());
      tree.put("mediaType", result.root().mediaType());
      tree.put("images", result.images()).put("blobs", result.blobs());
      tree.put("movedBytes", result.movedBytes());
      print(tree);
    } else {
      line(to + " " + result.root().digest());
    }
  }
}

package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.key.Keys;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.pull.Admission;
import dev.jrunc.image.pull.ImagePull;
import dev.jrunc.image.pull.PullEvent;
import dev.jrunc.image.pull.PullRequest;
import dev.jrunc.image.pull.PulledImage;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.signature.Identity;
import dev.jrunc.image.signature.Policy;
import dev.jrunc.image.signature.SignatureCheck;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

final class PullCommand extends Subcommand {
  private String image = "";
  private @Nullable Path key;
  private @Nullable String identity;

  private final PolicyFile policy = new PolicyFile();
  private final DigestFile digestFile = new DigestFile();

  private PullCommand() {}

  static CommandSpec describe(JimageCommand parent) {
    PullCommand command = new PullCommand();
    CommandSpec spec =
        command.described(parent, "pull", "Brings an image from a registry into the store.");
    spec.addPositional(
        Options.word(0, value -> command.image = value, "IMAGE", "[HOST[:PORT]/]NAME[:TAG|@DIGEST]")
            .build());
    command.addTo(spec);
    command.policy.addTo(spec);
    command.digestFile.addTo(spec);
    spec.addOption(Options.help()).addOption(Options.version());
    spec.usageMessage()
        .footerHeading("%nExamples:%n")
        .footer(
            "  jimage pull alpine",
            "  jimage pull quay.io/podman/hello@sha256:...",
            "  jimage pull --verify-key cosign.pub registry.example.org/app:1",
            "  jimage pull --mirror docker.io=https://mirror.example.org --ca ca.pem debian:12");
    return spec;
  }

  private void addTo(CommandSpec spec) {
    spec.addOption(
        Options.value(
                Path.class,
                value -> key = value,
                "FILE",
                "Refuse an image that has no cosign signature made with this public key.",
                "--verify-key")
            .build());
    spec.addOption(
        Options.value(
                String.class,
                value -> identity = value,
                "NAME|any",
                "The repository that the signature must be for (the one that is pulled).",
                "--verify-identity")
            .build());
  }

  @Override
  public Integer call() {
    CommonOptions common = common();
    PullRequest request = new PullRequest(ImageReference.parse(image), common.platform());
    PulledImage pulled = pull(common, request);
    digestFile.write(pulled.image().manifest().digest());
    print(pulled, common.json());
    return 0;
  }

  private PulledImage pull(CommonOptions common, PullRequest request) {
    PrintWriter err = spec().commandLine().getErr();
    try (Progress progress = Progress.choose(err, common.quiet());
        RegistryClient registry =
            connect(
                request.image(),
                "--creds",
                common.creds(),
                sentence -> progress.on(new PullEvent.Notice(sentence)))) {
      return new ImagePull(registry, common.store(), progress, admission(registry)).pull(request);
    }
  }

  private Admission admission(RegistryClient registry) {
    Policy found = policy.find();
    if (identity != null && key == null) {
      throw new ImageFailure("--verify-identity needs --verify-key");
    }
    if (found == null && key == null) {
      return Admission.OPEN;
    }
    SignatureCheck check = SignatureCheck.by(registry, found);
    if (key == null) {
      return check;
    }
    Identity wanted =
        identity == null
            ? new Identity.SameRepository()
            : identity.equals("any") ? new Identity.Any() : new Identity.Repository(identity);
    return check.with(List.of(Keys.read(key)), wanted, "--verify-key \"" + key + "\"");
  }

  private void print(PulledImage pulled, boolean json) {
    if (!json) {
      line(pulled.image().name() + "@" + pulled.image().manifest().digest());
      return;
    }
    ObjectNode tree = Json.newObject();
    tree.put("name", pulled.image().name());
    tree.put("digest", pulled.image().manifest().digest().toString());
    tree.put("platform", pulled.image().platform().toString());
    tree.put("fetchedBytes", pulled.fetchedBytes());
    ArrayNode layers = tree.putArray("layers");
    for (Descriptor layer : pulled.layers()) {
      layers.addObject().put("digest", layer.digest().toString()).put("size", layer.size());
    }
    print(tree);
  }
}

package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.pull.ImagePull;
import dev.jrunc.image.pull.PullEvent;
import dev.jrunc.image.pull.PullRequest;
import dev.jrunc.image.pull.PulledImage;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.RegistryClient;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "pull",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Brings an image from a registry into the store.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  jimage pull alpine",
      "  jimage pull quay.io/podman/hello@sha256:...",
      "  jimage pull --mirror docker.io=https://mirror.example.org --ca ca.pem debian:12"
    })
final class PullCommand implements Callable<Integer> {
  @ParentCommand private JimageCommand parent;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "IMAGE", description = "[HOST[:PORT]/]NAME[:TAG|@DIGEST]")
  private String image;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  PullCommand() {}

  @Override
  public Integer call() {
    CommonOptions common = parent.common();
    PullRequest request = new PullRequest(ImageReference.parse(image), common.platform());
    print(pull(common, request), common.json());
    return 0;
  }

  private PulledImage pull(CommonOptions common, PullRequest request) {
    PrintWriter err = spec.commandLine().getErr();
    try (Progress progress = Progress.choose(err, common.quiet());
        RegistryClient registry =
            common.registry().connect(sentence -> progress.on(new PullEvent.Notice(sentence)))) {
      return new ImagePull(registry, common.store(), progress).pull(request);
    }
  }

  private void print(PulledImage pulled, boolean json) {
    PrintWriter out = spec.commandLine().getOut();
    if (!json) {
      out.println(pulled.image().name() + "@" + pulled.image().manifest().digest());
      return;
    }
    ObjectNode tree = Json.mapper().createObjectNode();
    tree.put("name", pulled.image().name());
    tree.put("digest", pulled.image().manifest().digest().toString());
    tree.put("platform", pulled.image().platform().toString());
    tree.put("fetchedBytes", pulled.fetchedBytes());
    ArrayNode layers = tree.putArray("layers");
    for (Descriptor layer : pulled.layers()) {
      layers.addObject().put("digest", layer.digest().toString()).put("size", layer.size());
    }
    out.println(Json.pretty(tree));
  }
}

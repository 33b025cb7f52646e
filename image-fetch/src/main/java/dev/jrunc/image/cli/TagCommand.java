package dev.jrunc.image.cli;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.store.StoredImage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "tag",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Gives an image in the store one more name.",
    footerHeading = "%nExample:%n",
    footer = "  jimage tag alpine registry.example.org/base:1")
final class TagCommand extends Subcommand {
  @Parameters(index = "0", paramLabel = "IMAGE", description = "A name as for pull.")
  private String image;

  @Parameters(index = "1", paramLabel = "NAME", description = "The other name, with a tag.")
  private String name;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  TagCommand() {}

  @Override
  public Integer call() {
    ImageReference other = ImageReference.parse(name);
    if (other.tag() == null) {
      throw new ImageFailure("\"" + name + "\" names a digest; a new name is a tag");
    }
    StoredImage tagged =
        common().store().tag(ImageReference.parse(image).toString(), other.toString());
    if (common().json()) {
      print(
          Json.newObject()
              .put("name", tagged.name())
              .put("digest", tagged.manifest().digest().toString()));
    } else {
      line(tagged.name() + "@" + tagged.manifest().digest());
    }
    return 0;
  }
}

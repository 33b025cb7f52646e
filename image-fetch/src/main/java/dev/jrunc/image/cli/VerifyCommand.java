package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.bundle.BundleCheck;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.StoreCheck;
import dev.jrunc.image.tree.ByteName;
import dev.jrunc.image.tree.Drift;
import dev.jrunc.kernel.jnr.JnrGate;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Checks an image in the store: every blob and what it unpacks to.",
      "Or a bundle: every file against what was unpacked, in type, mode, owner, size, time, links,",
      "extended attributes and content."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {" 0:all is as it ought to be", " 1:something is not; it was named"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  jimage verify alpine            the image in the store; jimage pull mends it",
      "  jimage verify ./web             a bundle: a word that begins with . or / is a folder",
      "  jimage verify --json --quick /srv/web"
    })
final class VerifyCommand extends Subcommand {
  @Parameters(paramLabel = "IMAGE|DIR", description = "A name as for pull, or a bundle.")
  private String target;

  @Option(names = "--quick", description = "Of a bundle, read no content: sizes and times tell.")
  private boolean quick;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  VerifyCommand() {}

  @Override
  public Integer call() {
    boolean bundle = target.startsWith(".") || target.startsWith("/");
    return bundle ? bundle() : image();
  }

  private int image() {
    ImageStore store = common().store();
    String name = ImageReference.parse(target).toString();
    List<StoreCheck.Finding> findings = new StoreCheck(store).check(store.find(name));
    if (common().json()) {
      ObjectNode tree = Json.newObject();
      tree.put("image", name).put("whole", findings.isEmpty());
      ArrayNode list = tree.putArray("findings");
      for (StoreCheck.Finding finding : findings) {
        list.addObject().put("what", finding.what()).put("problem", finding.problem());
      }
      print(tree);
    } else {
      findings.forEach(finding -> line(finding.what() + ": " + finding.problem()));
      line(name + (findings.isEmpty() ? " is whole" : " is damaged"));
    }
    return findings.isEmpty() ? 0 : 1;
  }

  private int bundle() {
    Path folder = Path.of(target).toAbsolutePath().normalize();
    BundleCheck.Outcome outcome = new BundleCheck(new JnrGate()).check(folder, !quick);
    boolean same = outcome.drifts().isEmpty();
    if (common().json()) {
      ObjectNode tree = Json.newObject();
      tree.put("bundle", folder.toString()).put("image", outcome.note().image());
      tree.put("files", outcome.checked()).put("unchanged", same);
      ArrayNode list = tree.putArray("drift");
      for (Drift drift : outcome.drifts()) {
        ObjectNode entry = list.addObject();
        entry.put("path", shown(drift)).put("kind", word(drift));
        ArrayNode fields = entry.putArray("fields");
        drift.fields().forEach(fields::add);
      }
      print(tree);
    } else {
      for (Drift drift : outcome.drifts()) {
        String fields = drift.fields().isEmpty() ? "" : " " + String.join(",", drift.fields());
        line(word(drift) + " " + shown(drift) + fields);
      }
      line(
          outcome.checked()
              + " files, "
              + (same ? "all as unpacked" : outcome.drifts().size() + " differ"));
    }
    return same ? 0 : 1;
  }

  private static String word(Drift drift) {
    return drift.kind().name().toLowerCase(Locale.ROOT);
  }

  private static String shown(Drift drift) {
    return "/" + ByteName.shown(drift.path());
  }
}

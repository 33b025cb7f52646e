package dev.jrunc.image.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.layer.RawTar;
import dev.jrunc.spec.SpecReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image specification's conversion.md, seen in the config.json that comes out. */
class ConfigConversionTest {
  private static final String PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  @TempDir private Path folder;
  private int bundles;

  private JsonNode convert(String configuration, byte[]... tars) throws IOException {
    JsonNode config = Bundles.build(Bundles.request(next(), configuration, tars));
    assertEquals(List.of(), schema().validate(config), config.toString());
    return config;
  }

  private static Schema schema() throws IOException {
    String resource = "/dev/jrunc/spec/schema/config.schema.json";
    try (InputStream stream = SpecReader.class.getResourceAsStream(resource)) {
      String text =
          new String(Objects.requireNonNull(stream).readAllBytes(), StandardCharsets.UTF_8);
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(text, InputFormat.JSON);
    }
  }

  private Path next() {
    return folder.resolve("bundle" + ++bundles);
  }

  private JsonNode process(String config) throws IOException {
    return convert("{'config':{" + config + "}}").path("process");
  }

  private String refused(String config, byte[]... tars) {
    BundleRequest request = Bundles.request(next(), "{'config':{" + config + "}}", tars);
    ImageFailure failure =
        assertThrows(
            ImageFailure.class,
            () -> new BundleBuilder(Bundles.GATE, Bundles.STORE).build(request));
    return String.valueOf(failure.getMessage());
  }

  private static List<String> texts(JsonNode array) {
    return new ObjectMapper().convertValue(array, new TypeReference<>() {});
  }

  @Nested
  class Program {
    private void assertArguments(String config, String... arguments) throws IOException {
      assertEquals(List.of(arguments), texts(process(config).path("args")), config);
    }

    @Test
    void isEntrypointThenCommand() throws IOException {
      assertArguments("'Entrypoint':['/entry','-x'],'Cmd':['a','b']", "/entry", "-x", "a", "b");
      assertArguments("'Entrypoint':['/entry']", "/entry");
      assertArguments("'Entrypoint':['/entry'],'Cmd':null", "/entry");
      assertArguments("'Cmd':['/cmd','']", "/cmd", "");
      assertArguments("'Entrypoint':[],'Cmd':['/cmd']", "/cmd");
    }

    @Test
    void isAShellWhereTheImageNamesNone() throws IOException {
      assertArguments("", "sh");
      assertArguments("'Entrypoint':null,'Cmd':[]", "sh");
      assertEquals(List.of("sh"), texts(convert("{}").path("process").path("args")));
      assertEquals(List.of("sh"), texts(convert("{'config':null}").path("process").path("args")));
    }
  }

  @Nested
  class Environment {
    private List<String> environment(String config) throws IOException {
      return texts(process(config).path("env"));
    }

    @Test
    void isTheImagesInItsOrder() throws IOException {
      assertEquals(
          List.of("B=2", "A=1", "EMPTY=", "PATH=/bin"),
          environment("'Env':['B=2','A=1','EMPTY=','PATH=/bin']"));
    }

    @Test
    void getsAPathWhereItHasNone() throws IOException {
      assertEquals(List.of("A=1", PATH), environment("'Env':['A=1']"));
      assertEquals(List.of(PATH), environment("'Env':null"));
    }

    @Test
    void getsATerminalsNameWithATerminal() throws IOException {
      BundleRequest plain = Bundles.request(next(), "{}");
      BundleRequest request = Bundles.with(plain, Profile.JRUNC, true);
      JsonNode process = Bundles.build(request).path("process");
      assertTrue(process.path("terminal").asBoolean());
      assertEquals(List.of(PATH, "TERM=xterm"), texts(process.path("env")));
      assertFalse(process("").path("terminal").asBoolean());
    }
  }

  @Nested
  class WorkingDirectory {
    @Test
    void isTheRootWhereNoneIsNamed() throws IOException {
      assertEquals("/", process("").path("cwd").asText());
      assertEquals("/", process("'WorkingDir':''").path("cwd").asText());
    }

    @Test
    void isMadeWhereItIsMissing() throws IOException {
      byte[] layer = new RawTar().folder("./").folder("srv").bytes();
      JsonNode config = convert("{'config':{'WorkingDir':'/srv//café/./x/'}}", layer);
      assertEquals("/srv/café/x", config.path("process").path("cwd").asText());
      Path rootfs = folder.resolve("bundle1/rootfs");
      assertTrue(Files.isDirectory(rootfs.resolve("srv/café/x")));
      for (Path each : List.of(rootfs, rootfs.resolve("srv"))) {
        assertEquals(RawTar.TIME, Files.getLastModifiedTime(each).toMillis() / 1000, "" + each);
      }
    }

    // CVE-2026-55686: the folder was made, and given away, on the host.
    @Test
    void behindALinkIsMadeInside() throws IOException {
      Path outside = Files.createDirectory(folder.resolve("outside"));
      byte[] layer =
          new RawTar().folder("real").symlink("in", "/real").symlink("out", "" + outside).bytes();
      convert("{'config':{'WorkingDir':'/in/x'}}", layer);
      convert("{'config':{'WorkingDir':'/out/x'}}", layer);
      assertEquals(
          List.of("in", "out", "real", "real/x"), Bundles.names(folder.resolve("bundle1/rootfs")));
      assertEquals(List.of("in", "out", "real"), Bundles.names(folder.resolve("bundle2/rootfs")));
      assertEquals(List.of(), Bundles.names(outside));
    }

    @Test
    void leavesAFileInItsWay() throws IOException {
      convert("{'config':{'WorkingDir':'/file/x'}}", new RawTar().file("file", "mine").bytes());
      assertEquals("mine", Files.readString(folder.resolve("bundle1/rootfs/file")));
    }

    // CVE-2024-21626: a descriptor of the host as the place to begin in.
    @Test
    void mustBeAbsoluteAndNotInProc() {
      assertEquals(
          "the image's working directory \"srv\" is not an absolute path",
          refused("'WorkingDir':'srv'"));
      assertEquals(
          "the image's working directory \"/srv/../proc/self/fd/7\" lies in /proc, which is"
              + " refused",
          refused("'WorkingDir':'/srv/../proc/self/fd/7'"));
    }
  }

  @Nested
  class Annotations {
    private Map<String, String> annotations(String configuration) throws IOException {
      JsonNode node = convert(configuration).path("annotations");
      return new ObjectMapper().convertValue(node, new TypeReference<>() {});
    }

    @Test
    void sayWhereTheImageComesFrom() throws IOException {
      String prefix = "org.opencontainers.image.";
      assertEquals(
          Map.of(
              prefix + "os", "linux",
              prefix + "os.version", "6.1",
              prefix + "os.features", "a,b",
              prefix + "architecture", "arm64",
              prefix + "variant", "v8",
              prefix + "author", "Ada <ada@example.org>",
              prefix + "created", "2024-01-02T03:04:05Z",
              prefix + "stopSignal", "SIGQUIT",
              prefix + "exposedPorts", "53/udp,80/tcp,8080/tcp"),
          annotations(
              "{'os':'linux','os.version':'6.1','os.features':['a','b'],'architecture':'arm64',"
                  + "'variant':'v8','author':'Ada <ada@example.org>',"
                  + "'created':'2024-01-02T03:04:05Z','config':{'StopSignal':'SIGQUIT',"
                  + "'ExposedPorts':{'8080/tcp':{},'53/udp':{},'80/tcp':{}}}}"));
    }

    @Test
    void ofEmptyFieldsAreLeftOut() throws IOException {
      assertEquals(
          Map.of("org.opencontainers.image.os", "linux"),
          annotations("{'os':'linux','author':'','config':{'StopSignal':'','ExposedPorts':{}}}"));
    }

    @Test
    void ofLabelsWinOverWhatIsImplied() throws IOException {
      assertEquals(
          Map.of("org.opencontainers.image.author", "label", "my.label", "", "b", "1"),
          annotations(
              "{'author':'field','config':{'Labels':{'my.label':'',"
                  + "'org.opencontainers.image.author':'label','b':'1','':'no key'}}}"));
    }

    // CVE-2026-53488: a label of the image became an order to the host.
    @Test
    void thatARuntimeWouldActOnAreNotTheImagesToSet() throws IOException {
      assertEquals(
          Map.of("run.ocix", "kept"),
          annotations(
              "{'config':{'Labels':{'run.oci.hooks.stderr':'x','org.criu.config':'x',"
                  + "'io.kubernetes.cri.container-type':'x','run.ocix':'kept'}}}"));
    }
  }

  // CVE-2022-23648, CVE-2024-1753: what an image calls a volume was copied from, or mounted from,
  // the host. Nothing of a path of the image is ever the source of a mount.
  @Test
  void aVolumeNamesNothingOfTheHost() throws IOException {
    String image = "{'config':{'Volumes':{'/../../etc':{},'/data':{}}}}";
    byte[] link = new RawTar().symlink("data", "/etc").bytes();
    BundleRequest request = Bundles.request(next(), image, link);
    JsonNode umoci = Bundles.build(Bundles.with(request, Profile.UMOCI, false));
    List<String> sources = new ArrayList<>();
    for (JsonNode mount : umoci.path("mounts")) {
      if (mount.path("destination").asText().matches("/data|.*etc")) {
        sources.add(mount.path("type").asText() + " " + mount.path("source").asText());
      }
    }
    assertEquals(List.of("tmpfs none", "tmpfs none"), sources);
    assertEquals(
        convert("{}").path("mounts"), convert(image, link).path("mounts"), "without the profile");
  }

  @Test
  void theHostIsCalledAsTheImage() throws IOException {
    assertEquals("web-1", convert("{}").path("hostname").asText());
  }

  // CVE-2022-24769, CVE-2022-27649, CVE-2022-29162: capabilities that every program inherits.
  @Test
  void nothingIsInheritableAndNoPrivilegeIsNew() throws IOException {
    JsonNode process = process("");
    assertTrue(process.path("noNewPrivileges").asBoolean());
    JsonNode capabilities = process.path("capabilities");
    assertEquals(11, capabilities.path("bounding").size());
    assertEquals(0, capabilities.path("inheritable").size() + capabilities.path("ambient").size());
  }

  @Test
  void whatComesOutIsAValidBundle() throws IOException {
    for (String configuration :
        List.of("{}", "{'os':'linux','config':{'Env':['A=1'],'User':'7:8','Labels':{'a':'b'}}}")) {
      convert(configuration);
      byte[] document = Files.readAllBytes(folder.resolve("bundle" + bundles + "/config.json"));
      assertEquals(List.of(), SpecReader.readConfig(document).violations());
      assertEquals(List.of(), SpecReader.readConfig(document).notes());
    }
  }

  @Test
  void theSameImageGivesTheSameBytes() throws IOException {
    String one =
        "{'os':'linux','config':{'Labels':{'a':'1','b':'2'},'ExposedPorts':{'1/tcp':{},'2/tcp':{}}}}";
    String other =
        "{'config':{'ExposedPorts':{'2/tcp':{},'1/tcp':{}},'Labels':{'b':'2','a':'1'}},'os':'linux'}";
    convert(one);
    convert(one);
    convert(other);
    String first = Files.readString(folder.resolve("bundle1/config.json"));
    assertEquals(first, Files.readString(folder.resolve("bundle2/config.json")));
    assertEquals(first, Files.readString(folder.resolve("bundle3/config.json")));
  }

  @Test
  void aConfigurationThatNoRuntimeTakesIsRefused() {
    String reason = refused("'Env':['no equals sign']");
    assertTrue(reason.startsWith("the image's configuration cannot be run: "), reason);
    assertTrue(reason.contains("/process/env/0"), reason);
  }
}

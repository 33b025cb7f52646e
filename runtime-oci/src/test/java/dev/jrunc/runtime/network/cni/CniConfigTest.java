package dev.jrunc.runtime.network.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.network.Attachment;
import dev.jrunc.runtime.network.PublishedPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CniConfigTest {
  private static final Linux LINUX = Linux.over(new JnrGate());
  private static final String LIST =
      "{\"cniVersion\":\"1.0.0\",\"name\":\"net\",\"plugins\":[{\"type\":\"bridge\",\"odd\":1.50},"
          + "{\"type\":\"portmap\",\"capabilities\":{\"portMappings\":true}}]}";

  private static Json.Fields fields(String text) {
    return (Json.Fields) Objects.requireNonNull(Json.parse(text), text);
  }

  @Test
  void whatIsNotKnownGoesThroughUnchanged() {
    String text = "{\"a\":[1,2.50,{\"b\":null}],\"c\":true,\"d\":\"\\u00e9\\n\"}";
    assertEquals("{\"a\":[1,2.50,{\"b\":null}],\"c\":true,\"d\":\"é\\n\"}", fields(text).written());
    assertNull(Json.parse("{"));
    assertNull(Json.parse(""));
    assertNull(Json.parse("{} {}"));
    assertNull(Json.parse("[".repeat(100) + "]".repeat(100)));
  }

  @Test
  void aPluginIsGivenNameVersionAndWhatItsCapabilitiesAskFor() {
    CniConfig config = CniConfig.of("/x", fields(LIST));
    CniNetwork network =
        new CniNetwork(
            LINUX,
            config,
            "/bin",
            "web",
            Capabilities.of(List.of(PublishedPort.parse("127.0.0.1:8080:80/udp")), Attachment.ANY));
    assertEquals(
        "{\"type\":\"bridge\",\"odd\":1.50,\"cniVersion\":\"1.0.0\",\"name\":\"net\"}",
        network.input(config.plugins().get(0), null).written());
    assertEquals(
        "{\"type\":\"portmap\",\"cniVersion\":\"1.0.0\",\"name\":\"net\",\"runtimeConfig\":"
            + "{\"portMappings\":[{\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"udp\","
            + "\"hostIP\":\"127.0.0.1\"}]},\"prevResult\":{\"ips\":[]}}",
        network.input(config.plugins().get(1), fields("{\"ips\":[]}")).written());
    CniConfig again = CniNetwork.kept(CniNetwork.written(config));
    assertEquals(config, again);
  }

  @Test
  void versionsAreChosen() {
    assertEquals("0.3.1", version("\"cniVersion\":\"0.3.1\""));
    assertEquals("1.1.0", version("\"cniVersions\":[\"0.4.0\",\"1.1.0\",\"9.0.0\"]"));
    Failure failure = assertThrows(Failure.class, () -> version("\"cniVersion\":\"0.2.0\""));
    assertTrue(
        String.valueOf(failure.getMessage()).contains("version \"0.2.0\" of CNI is not supported"),
        failure.getMessage());
  }

  private static String version(String member) {
    return CniConfig.of("/x", fields("{" + member + ",\"name\":\"a\",\"type\":\"bridge\"}"))
        .version();
  }

  @Test
  void aPluginOutsideTheFolderIsRefused() {
    assertThrows(
        Failure.class,
        () -> CniConfig.of("/x", fields("{\"cniVersion\":\"1.0.0\",\"type\":\"../sh\"}")));
  }

  @Test
  void isFoundByNameInTheOrderOfTheFiles(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("10-a.conflist"), LIST);
    Files.writeString(folder.resolve("20-b.conflist"), LIST.replace("bridge", "ptp"));
    Files.writeString(folder.resolve("00-broken.conf"), "{");
    CniConfig config = CniConfig.find(LINUX, folder.toString(), "net");
    assertEquals("bridge", config.plugins().get(0).text("type"));
    Failure failure =
        assertThrows(Failure.class, () -> CniConfig.find(LINUX, folder.toString(), "nett"));
    assertEquals("no CNI network \"nett\" in " + folder, failure.getMessage());
    assertTrue(failure.hint().contains("00-broken.conf is not JSON"), failure.hint());
  }
}

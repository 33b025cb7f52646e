package dev.jrunc.image.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.image.registry.FaultyRegistry;
import dev.jrunc.image.registry.TestImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class JimageCommandTest {
  private record Outcome(int code, String out, String err) {}

  @TempDir Path folder = Path.of("unset");

  @Test
  void takesCommonOptionsBeforeAndAfterTheCommand() throws IOException {
    try (FaultyRegistry registry = new FaultyRegistry()) {
      registry.push("demo", "latest", new TestImage().gzip(TestImage.tar(1, 1000)));
      String name = registry.host() + "/demo";
      String store = folder.resolve("store").toString();
      assertEquals(0, run("--store", store, "--json", "pull", name, "--platform=linux/amd64").code);
      Outcome list = run("images", "--json", "--store=" + store);
      assertEquals(name + ":latest", json(list).path(0).path("name").asText());
      Outcome inspect = run("inspect", "--store", store, "--json", name);
      assertEquals("/bin/true", json(inspect).path("config").path("Cmd").path(0).asText());
      Outcome removed = run("--json", "rm", name, "--store", store);
      assertEquals(3, json(removed).path("removedBlobs").size());
      assertEquals("[]", run("images", "--json", "--store", store).out.replaceAll("\\s", ""));
    }
  }

  @Test
  void saysInOneLineWhatFailedWhateverTheNameHolds() {
    Outcome outcome = run("rm", "a\nb\u001b[2J", "--store", folder + "/store");
    assertEquals(1, outcome.code);
    assertEquals(1, outcome.err.lines().count(), outcome.err);
    assertTrue(outcome.err.contains("a\\nb\\x1b[2J"), outcome.err);
  }

  @Test
  void keepsResultsAndProgressApart() throws IOException {
    try (FaultyRegistry registry = new FaultyRegistry()) {
      registry.push("demo", "latest", new TestImage().gzip(TestImage.tar(1, 1000)));
      String[] pull = {
        "pull", registry.host() + "/demo", "--platform=linux/amd64", "--store", folder + "/store"
      };
      Outcome outcome = run(pull);
      assertEquals(1, outcome.out.lines().count(), outcome.out);
      assertTrue(outcome.out.startsWith(registry.host() + "/demo:latest@sha256:"), outcome.out);
      assertTrue(outcome.err.contains("1 layers, 1 to fetch"), outcome.err);
      List<String> quiet = new ArrayList<>(List.of(pull));
      quiet.add("--quiet");
      assertEquals("", run(quiet.toArray(new String[0])).err);
    }
  }

  @Test
  void reachesAPlainRegistryThatIsCalledInsecure() throws IOException {
    try (FaultyRegistry registry = new FaultyRegistry()) {
      registry.push("demo", "latest", new TestImage().gzip(TestImage.tar(1, 1000)));
      String name = registry.host() + "/demo";
      String store = folder + "/store";
      assertEquals(
          0,
          run(
                  "pull",
                  name,
                  "--platform=linux/amd64",
                  "--store",
                  store,
                  "--insecure",
                  registry.host())
              .code);
    }
  }

  @Test
  void saysOneSentenceAndTheExitCode() {
    Outcome failed = run("pull", "Alpine");
    assertEquals(1, failed.code);
    assertEquals(
        "jimage: invalid image name \"Alpine\": a repository name has no upper-case letters\n",
        failed.err);
    assertEquals("", failed.out);
    assertEquals(2, run().code);
    assertEquals(2, run("frobnicate").code);
    assertEquals(2, run("pull").code);
    assertEquals(1, run("pull", "x", "--mirror", "nonsense").code);
    assertEquals(1, run("pull", "x", "--platform", "linux").code);
  }

  @Test
  void helpsWithEveryCommand() {
    Outcome help = run("--help");
    assertEquals(0, help.code);
    String completion = run("completion").out;
    for (String command : JimageCommand.commandLine().getSubcommands().keySet()) {
      assertTrue(help.out.contains("  " + command), help.out);
      Outcome own = run(command, "--help");
      assertEquals(0, own.code);
      assertTrue(own.out.contains("--json"), own.out);
      assertTrue(own.out.contains("\nExample"), command + " has no example");
      assertTrue(own.out.contains("jimage " + command), command + " has no example of its own");
      assertTrue(completion.contains("_picocli_jimage_" + command + "()"), command);
      assertEquals(2, run(command, "--no-such-option").code, command);
    }
    assertEquals("jimage 0.1.0\n", run("--version").out);
    assertTrue(completion.contains("--platform"));
  }

  @Nested
  class PullAlpine {
    @Test
    void comesThroughAMirrorWithTlsAndTokens() throws Exception {
      Path keys = folder.resolve("keys.p12");
      keytool(
          "-genkeypair", "-keystore", keys + "", "-dname", "CN=test", "-ext", "SAN=ip:127.0.0.1");
      Path authority = folder.resolve("ca.pem");
      keytool("-exportcert", "-rfc", "-keystore", keys + "", "-file", authority + "");
      try (FaultyRegistry registry = FaultyRegistry.withTls(tls(keys))) {
        registry.push("library/alpine", "latest", new TestImage().gzip(TestImage.tar(1, 1000)));
        registry.wantTokens("");
        String mirror = "docker.io=" + registry.url();
        String store = folder.resolve("store").toString();
        String[] options = {"--store", store, "--platform=linux/amd64", "--mirror", mirror};
        Outcome distrusted =
            run(options, "pull", "alpine", "--mirror", "quay.io=http://127.0.0.1:1");
        assertEquals(1, distrusted.code);
        assertTrue(distrusted.err.contains("unknown authority"), distrusted.err);
        assertEquals(0, registry.seen().size());
        Outcome outcome = run(options, "pull", "alpine", "--ca", authority.toString());
        assertEquals(0, outcome.code, outcome.err);
        assertTrue(outcome.out.startsWith("docker.io/library/alpine:latest@"), outcome.out);
        assertFalse(registry.seen("/token").isEmpty());
        String direct = registry.host() + "/library/alpine";
        Outcome local = run(options, "pull", direct, "--ca", authority.toString());
        assertEquals(0, local.code, local.err);
        Outcome insecure = run(options, "pull", "alpine", "--insecure", "127.0.0.1");
        assertEquals(0, insecure.code, insecure.err);
      }
    }

    // CVE-2019-10214: the password went to a token server whose certificate nobody looked at.
    @Test
    void showsNothingToATokenServerThatIsNotTrusted() throws Exception {
      Path keys = folder.resolve("keys.p12");
      keytool(
          "-genkeypair", "-keystore", keys + "", "-dname", "CN=test", "-ext", "SAN=ip:127.0.0.1");
      try (FaultyRegistry registry = new FaultyRegistry();
          FaultyRegistry tokens = FaultyRegistry.withTls(tls(keys))) {
        registry.push("demo", "latest", new TestImage().gzip(TestImage.tar(1, 1000)));
        registry.wantTokens("");
        registry.realm(tokens.url() + "/token");
        String[] options = {"--store", folder.resolve("store").toString()};
        Outcome outcome = run(options, "pull", registry.host() + "/demo");
        assertEquals(1, outcome.code);
        assertTrue(outcome.err.contains("unknown authority"), outcome.err);
        assertEquals(0, tokens.seen().size());
      }
    }

    private Outcome run(String[] options, String... command) {
      List<String> all = new ArrayList<>(List.of(options));
      all.addAll(List.of(command));
      return JimageCommandTest.run(all.toArray(new String[0]));
    }

    private void keytool(String... arguments) throws IOException, InterruptedException {
      List<String> command = new ArrayList<>();
      command.add(System.getProperty("java.home") + "/bin/keytool");
      command.addAll(List.of(arguments));
      command.addAll(List.of("-alias", "test", "-storetype", "PKCS12", "-storepass", "secret"));
      if (arguments[0].equals("-genkeypair")) {
        command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2"));
      }
      Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
      assertEquals(0, keytool.waitFor(), said);
    }

    private SSLContext tls(Path file) throws Exception {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(file)) {
        keys.load(in, "secret".toCharArray());
      }
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(keys, "secret".toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return context;
    }
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    assertEquals(0, outcome.code, outcome.err);
    return new ObjectMapper().readTree(outcome.out);
  }

  private static Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = JimageCommand.commandLine();
    int code =
        command
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Outcome(code, out.toString(), err.toString());
  }
}

package dev.jrunc.image.registry;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.endpoint.Endpoint;
import dev.jrunc.image.failure.ImageFailure;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DestinationRuleTest {
  @ParameterizedTest
  @CsvSource({
    "https://registry.example, https://cdn.example/x",
    "https://registry.example, https://203.0.113.9/x",
    "https://10.0.0.5, https://10.0.0.6/x",
    "https://10.0.0.5, https://10.0.0.5:9000/x",
    "http://127.0.0.1:5000, http://127.0.0.1:5001/token",
    "http://localhost:5000, http://127.0.0.1:5001/token",
    "https://127.0.0.1:5000, https://10.0.0.6/x",
  })
  void letsThrough(URI registry, URI target) {
    DestinationRule.check(new Endpoint(registry, "r"), target, "redirect");
    assertTrue(target.isAbsolute());
  }

  @ParameterizedTest
  @CsvSource({
    "https://registry.example, http://cdn.example/x, not encrypted",
    "https://registry.example, https://10.0.0.5/x, private",
    "https://registry.example, https://192.168.1.1/x, private",
    "https://registry.example, https://[fd00::1]/x, private",
    "https://registry.example, https://127.0.0.1/x, loopback",
    "https://registry.example, https://2130706433/x, loopback",
    "https://registry.example, https://localhost/x, loopback",
    "https://registry.example, https://[::ffff:127.0.0.1]/x, loopback",
    "https://registry.example, https://169.254.169.254/x, link-local",
    "https://registry.example, https://0.0.0.0/x, link-local",
    "https://10.0.0.5, https://127.0.0.1/x, loopback",
    "http://127.0.0.1:5000, http://169.254.169.254/x, link-local",
    "https://registry.example, file:///etc/passwd, plain http or https",
    "https://registry.example, https://u:p@cdn.example/, plain http or https",
  })
  // CVE-2020-15157 and its kin: what a registry names is asked with our credentials, from here.
  void refuses(URI registry, URI target, String reason) {
    ImageFailure failure =
        assertThrows(
            ImageFailure.class,
            () -> DestinationRule.check(new Endpoint(registry, "r"), target, "redirect"));
    assertTrue(String.valueOf(failure.getMessage()).contains(reason), failure::toString);
  }
}

package dev.jrunc.image.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.failure.ImageFailure;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyVariablesTest {
  private static final String EXCEPT =
      "a.example, .b.example,*.c.example,d.example:443,10.1.0.0/16 fd00::/8,192.0.2.7";

  @ParameterizedTest
  @CsvSource({
    "https://a.example/, false",
    "https://sub.a.example/, false",
    "https://nota.example/, true",
    "https://x.b.example/, false",
    "https://x.c.example/, false",
    "https://d.example:443/, false",
    "https://d.example:444/, true",
    "https://10.1.255.1/, false",
    "https://10.2.0.1/, true",
    "https://[fd12::1]/, false",
    "https://192.0.2.7/, false",
    "https://localhost:5000/, false",
    "https://127.0.0.9/, false",
    "https://[::1]:5000/, false",
    "https://registry.example/, true",
  })
  void leavesOutWhatNoProxyNames(URI target, boolean proxied) {
    ProxyVariables proxies =
        new ProxyVariables(Map.of("https_proxy", "http://p.example:3128", "NO_PROXY", EXCEPT));
    Proxy proxy = proxies.select(target).getFirst();
    assertEquals(proxied, proxy.type() == Proxy.Type.HTTP, proxy::toString);
  }

  @Test
  void keepsTheSchemesApart() {
    ProxyVariables proxies = new ProxyVariables(Map.of("HTTP_PROXY", "p.example"));
    assertTrue(proxies.any());
    assertEquals(
        InetSocketAddress.createUnresolved("p.example", 80).getHostString(),
        ((InetSocketAddress) proxies.select(URI.create("http://r.example")).getFirst().address())
            .getHostString());
    assertEquals(Proxy.NO_PROXY, proxies.select(URI.create("https://r.example")).getFirst());
    assertFalse(new ProxyVariables(Map.of("NO_PROXY", "*")).any());
  }

  @Test
  void keepsThePasswordOutOfTheError() {
    ImageFailure failure =
        assertThrows(
            ImageFailure.class,
            () -> new ProxyVariables(Map.of("HTTPS_PROXY", "socks5://me:secret@p:1")));
    assertEquals("HTTPS_PROXY is not the address of an http proxy", failure.getMessage());
  }
}

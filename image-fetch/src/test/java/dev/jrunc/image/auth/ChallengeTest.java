package dev.jrunc.image.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChallengeTest {
  @Test
  void readsQuotedAndPlainParameters() {
    assertEquals(
        new Challenge(
            "bearer",
            Map.of("realm", "https://a/t?x=1,2", "service", "s\"q", "scope", "repository:a:pull")),
        Challenge.firstKnown(
            List.of(
                "BEARER realm=\"https://a/t?x=1,2\" , Service=\"s\\\"q\",scope=repository:a:pull")));
  }

  @Test
  void skipsSchemesItDoesNotKnow() {
    assertEquals(
        new Challenge("basic", Map.of("realm", "r")),
        Challenge.firstKnown(
            List.of(
                "Negotiate", "NTLM abc==, Digest realm=\"d\", nonce=\"n\", Basic realm=\"r\"")));
  }

  @Test
  void findsNothingInNonsense() {
    assertNull(Challenge.firstKnown(List.of("", "=\"", ",,,", "Negotiate \"unterminated")));
  }
}

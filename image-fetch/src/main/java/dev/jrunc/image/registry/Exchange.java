package dev.jrunc.image.registry;

import dev.jrunc.image.auth.Challenge;
import dev.jrunc.image.auth.CredentialStore;
import dev.jrunc.image.endpoint.Endpoint;
import dev.jrunc.image.failure.ImageFailure;
import java.io.InputStream;
import java.net.http.HttpResponse;

/** Requests to registries, with who we are. */
final class Exchange implements AutoCloseable {
  private static final int ANSWERS = 2;

  private final RegistrySettings settings;
  private final RegistryListener listener;
  private final Connections connections;
  private final Wire wire;
  private final Authorizer authorizer;
  private final SchemeChoice schemes;

  Exchange(RegistrySettings settings, CredentialStore credentials, RegistryListener listener) {
    this.settings = settings;
    this.listener = listener;
    this.connections = new Connections(settings);
    this.wire = new Wire(connections, settings.timing(), listener);
    this.authorizer = new Authorizer(wire, credentials);
    this.schemes = new SchemeChoice(wire);
  }

  RegistrySettings settings() {
    return settings;
  }

  RegistryListener listener() {
    return listener;
  }

  /** The server with the scheme it speaks. */
  Endpoint settle(Endpoint endpoint) {
    return schemes.settle(endpoint);
  }

  /** Sends with what we have; a 401 of the registry itself is answered, twice at most. */
  HttpResponse<InputStream> ask(Endpoint endpoint, Scope scope, Request request) {
    if (!Wire.isSameServer(request.uri(), endpoint.base())) {
      // Where an upload goes on may be another server, and the credentials are not for that one.
      return wire.send(endpoint, request);
    }
    String shown = authorizer.current(endpoint, scope);
    for (int attempt = 0; ; attempt++) {
      HttpResponse<InputStream> response = wire.send(endpoint, request.authorized(shown));
      boolean ownAnswer = Wire.isSameServer(response.uri(), endpoint.base());
      if (response.statusCode() != 401 || !ownAnswer) {
        return response;
      }
      Bodies.discard(response);
      Challenge challenge = Challenge.firstKnown(response.headers().allValues("www-authenticate"));
      if (challenge == null) {
        throw new ImageFailure(
            "registry " + endpoint + " wants a log-in of a kind that jimage does not know");
      }
      if (attempt == ANSWERS) {
        throw authorizer.refused(endpoint);
      }
      shown = authorizer.answer(endpoint, scope, challenge, shown);
    }
  }

  @Override
  public void close() {
    connections.close();
  }
}

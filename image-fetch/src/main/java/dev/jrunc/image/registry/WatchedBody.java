package dev.jrunc.image.registry;

import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Flow;

/**
 * The body of a request, watched while it goes out. The JDK's own limit for a request counts the
 * time of its body too, so that a large layer on a slow line could never arrive in time.
 */
final class WatchedBody implements BodyPublisher {
  private final BodyPublisher body;
  private volatile long moved = System.nanoTime();

  WatchedBody(BodyPublisher body) {
    this.body = body;
  }

  /** How long nothing has gone out of it. */
  Duration idle() {
    return Duration.ofNanos(System.nanoTime() - moved);
  }

  @Override
  public long contentLength() {
    return body.contentLength();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    body.subscribe(new Watching(subscriber));
  }

  // Asked for more: what was given before is on its way.
  private final class Watching implements Flow.Subscriber<ByteBuffer>, Flow.Subscription {
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private Flow.Subscription subscription = this;

    Watching(Flow.Subscriber<? super ByteBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      subscriber.onSubscribe(this);
    }

    @Override
    public void request(long count) {
      moved = System.nanoTime();
      subscription.request(count);
    }

    @Override
    public void cancel() {
      subscription.cancel();
    }

    @Override
    public void onNext(ByteBuffer piece) {
      moved = System.nanoTime();
      subscriber.onNext(piece);
    }

    @Override
    public void onError(Throwable failure) {
      subscriber.onError(failure);
    }

    @Override
    public void onComplete() {
      moved = System.nanoTime();
      subscriber.onComplete();
    }
  }
}

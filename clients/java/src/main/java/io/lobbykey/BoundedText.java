package io.lobbykey;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** A body as text that is given up once it is larger than the gateway's. */
final class BoundedText implements HttpResponse.BodySubscriber<String> {
    /** Ends the answer. */
    static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1L;

        final transient HttpResponse.ResponseInfo head;

        private TooLarge(HttpResponse.ResponseInfo head) {
            super("too large");
            this.head = head;
        }
    }

    private final HttpResponse.BodySubscriber<String> text = HttpResponse.BodySubscribers.ofString(StandardCharsets.UTF_8);
    private final HttpResponse.ResponseInfo head;
    private final int bytesMax;
    private Flow.Subscription subscription;
    private long bytes;

    BoundedText(HttpResponse.ResponseInfo head, int bytesMax) {
        this.head = head;
        this.bytesMax = bytesMax;
    }

    @Override
    public CompletionStage<String> getBody() {
        return text.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        this.subscription = subscription;
        text.onSubscribe(subscription);
    }

    @Override
    public void onNext(List<ByteBuffer> pieces) {
        for (ByteBuffer piece : pieces) bytes += piece.remaining();
        if (bytes <= bytesMax) {
            text.onNext(pieces);
            return;
        }
        subscription.cancel();
        text.onError(new TooLarge(head));
    }

    @Override
    public void onError(Throwable cause) {
        text.onError(cause);
    }

    @Override
    public void onComplete() {
        text.onComplete();
    }
}

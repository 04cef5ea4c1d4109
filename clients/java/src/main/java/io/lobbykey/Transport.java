package io.lobbykey;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/** Connections, the rule of repeats, and what an answer tells. */
final class Transport {
    private static final double PAUSE_MS_MAX = 3_000;

    final String baseUrl;
    private final ClientOptions<?> options;
    private final HttpClient http;

    Transport(ClientOptions<?> options) {
        this.options = options;
        baseUrl = options.baseUrl;
        // Over plain HTTP, Java's HTTP/2 asks with each first request for an upgrade that some proxies refuse. A redirect is no answer of
        // the gateway, and could lead a token elsewhere.
        http = options.httpClient != null
                ? options.httpClient
                : HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER).build();
        if (http.followRedirects() != HttpClient.Redirect.NEVER) {
            throw new IllegalArgumentException("the HttpClient must not follow redirects: they could lead a token elsewhere");
        }
    }

    Duration deadline() {
        return options.deadline;
    }

    /** Does the work again while its error says that a repeat can help, until the deadline. The work gets how long it may take. */
    <T> T repeat(Function<Duration, T> work) {
        long end = System.nanoTime() + options.deadline.toNanos();
        for (int attempt = 0; ; attempt++) {
            Duration left = Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime()));
            try {
                return work.apply(left.compareTo(options.attemptTimeout) < 0 ? left : options.attemptTimeout);
            } catch (LobbykeyException error) {
                double most = Math.min(options.firstPause.toMillis() * Math.pow(2, attempt), PAUSE_MS_MAX);
                double least = error.retryAfter() == null ? most / 2 : error.retryAfter().toMillis();
                long pauseMs = Math.round(least + ThreadLocalRandom.current().nextDouble() * most / 2);
                if (!error.mayRepeat() || System.nanoTime() + pauseMs * 1_000_000 >= end) throw error;
                sleep(pauseMs, error);
            }
        }
    }

    /** @param body null for none */
    HttpResponse<String> send(String method, String path, Map<String, String> headers, String body, Duration timeout) {
        HttpRequest.BodyPublisher publisher =
                body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(baseUrl + path)).timeout(timeout).method(method, publisher);
        headers.forEach(request::setHeader);
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException cause) {
            throw notReached(cause, true);
        } catch (InterruptedException cause) {
            Thread.currentThread().interrupt();
            throw notReached(cause, false);
        }
    }

    /** The failure that an answer tells by the codes of its API. */
    static LobbykeyException errorOf(List<Contract.Code> codes, HttpResponse<String> response) {
        return errorOf(codes, response, null, true);
    }

    /**
     * @param whatToDo null: the contract's
     * @param isRepeatable whether a code that passes with time may be repeated at all
     */
    static LobbykeyException errorOf(List<Contract.Code> codes, HttpResponse<String> response, String whatToDo, boolean isRepeatable) {
        Map<String, Object> answer = Json.object(response.body());
        int status = response.statusCode();
        String requestId = response.headers().firstValue("x-request-id").orElse(null);
        Duration retryAfter = response.headers().firstValue("retry-after").filter(text -> text.matches("\\d{1,9}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text))).orElse(null);
        Contract.Code row = findRow(codes, codeOf(answer), status);
        Object said = answer.getOrDefault("message", answer.get("msg"));
        if (row == null || said == null) {
            return new LobbykeyException(
                    "HTTP " + status + " came, and no answer of the gateway",
                    new LobbykeyException.Facts(null, "unexpected_answer", status,
                            "Check baseUrl; a proxy may have answered in the gateway's place.", status >= 500 || status == 429, requestId, retryAfter),
                    null);
        }
        boolean mayRepeat = isRepeatable && row.retry().equals("later");
        return new LobbykeyException(
                row.code() + " " + said,
                new LobbykeyException.Facts(
                        row.code(), row.key(), status, whatToDo == null ? row.cure() : whatToDo, mayRepeat, requestId, retryAfter),
                null);
    }

    /** {@code code} of an envelope; null where the answer is none. */
    static String codeOf(Map<String, Object> answer) {
        Object code = answer.get("code");
        return code == null ? null : code.toString();
    }

    private static Contract.Code findRow(List<Contract.Code> codes, String code, int status) {
        List<Contract.Code> rows = codes.stream().filter(row -> row.code().equals(code)).toList();
        return rows.stream().filter(row -> row.status() == 0 || row.status() == status).findFirst()
                .orElse(rows.isEmpty() ? null : rows.get(0));
    }

    private static LobbykeyException notReached(Exception cause, boolean mayRepeat) {
        return new LobbykeyException(
                "The gateway did not answer (" + cause.getClass().getSimpleName() + ")",
                LobbykeyException.Facts.unanswered(
                        "not_reached", "Check baseUrl and the network; what was sent may have taken effect.", mayRepeat),
                cause);
    }

    private static void sleep(long ms, LobbykeyException error) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw error;
        }
    }
}

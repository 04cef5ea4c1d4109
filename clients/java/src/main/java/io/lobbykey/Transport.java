package io.lobbykey;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongFunction;

/** Connections, the rule of repeats, and what an answer tells. */
final class Transport {
    private static final double PAUSE_MS_MAX = 3_000;
    /** Far more than the gateway answers. */
    private static final int BYTES_MAX = 16 * 1024 * 1024;
    /** An error's text stays short, whoever answered. */
    private static final int SAID_MAX = 500;

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

    /** When a call that begins now has to be over, of {@link System#nanoTime}. Counted once a call, whatever it takes. */
    long end() {
        return System.nanoTime() + options.deadline.toNanos();
    }

    static Duration timeLeft(long end) {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    /** Does the work again while its error says that a repeat can help, until the end. The work gets the end of each attempt. */
    <T> T repeat(long end, LongFunction<T> work) {
        for (int attempt = 0; ; attempt++) {
            try {
                return work.apply(Math.min(end, System.nanoTime() + options.attemptTimeout.toNanos()));
            } catch (LobbykeyException error) {
                double most = Math.min(options.firstPause.toMillis() * Math.pow(2, attempt), PAUSE_MS_MAX);
                double least = error.retryAfter() == null ? most / 2 : error.retryAfter().toMillis();
                long pauseMs = Math.round(least + ThreadLocalRandom.current().nextDouble() * most / 2);
                if (!error.mayRepeat() || timeLeft(end).toMillis() <= pauseMs) throw error;
                sleep(pauseMs, error);
            }
        }
    }

    /** @param body null for none */
    HttpResponse<String> send(String method, String path, Map<String, String> headers, String body, long end) {
        HttpRequest.BodyPublisher publisher =
                body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(baseUrl + path)).method(method, publisher);
        headers.forEach(request::setHeader);
        // HttpRequest's own timeout ends with the answer's head.
        CompletableFuture<HttpResponse<String>> answer = http.sendAsync(request.build(), head -> new BoundedText(head, BYTES_MAX));
        try {
            return answer.get(Math.max(1, timeLeft(end).toMillis()), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof BoundedText.TooLarge tooLarge) {
                    throw unexpectedAnswer(tooLarge.head.statusCode(), tooLarge.head.headers(), "The answer is larger than " + BYTES_MAX + " bytes", false);
                }
            }
            throw notReached(failure.getCause(), true);
        } catch (TimeoutException cause) {
            throw notReached(cause, true);
        } catch (InterruptedException cause) {
            Thread.currentThread().interrupt();
            throw notReached(cause, false);
        } finally {
            // Where it has not come: the connection is closed.
            answer.cancel(true);
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
        Contract.Code row = findRow(codes, codeOf(answer), status);
        if (row == null || !(answer.getOrDefault("message", answer.get("msg")) instanceof String said)) {
            return unexpectedAnswer(
                    status, response.headers(), "HTTP " + status + " came, which is not an answer of the gateway", status >= 500 || status == 429);
        }
        boolean mayRepeat = isRepeatable && row.retry().equals("later");
        return new LobbykeyException(
                row.code() + " " + said.substring(0, Math.min(said.length(), SAID_MAX)),
                new LobbykeyException.Facts(
                        row.code(), row.key(), status, whatToDo == null ? row.cure() : whatToDo, mayRepeat, requestIdOf(response.headers()),
                        retryAfterOf(response.headers())),
                null);
    }

    /** A success has to hold what the contract says: fields by their types of JSON, {@code string}, {@code integer},
     * {@code array} or {@code access token}. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> dataOf(HttpResponse<String> response, Map<String, String> types) {
        Map<String, Object> data = Json.object(response.body()).get("data") instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
        types.forEach((name, type) -> {
            Object value = data.get(name);
            Class<?> wanted = Map.of("string", String.class, "integer", Long.class, "array", List.class).get(type);
            if (wanted == null ? !isAccessToken(value) : !wanted.isInstance(value)) {
                throw unexpectedAnswer(response.statusCode(), response.headers(), "The answer is a success without " + name, false);
            }
        });
        return data;
    }

    /** Whether it is a text that a header can carry: Java quotes the header that it refuses, so that its error would hold the token. */
    static boolean isAccessToken(Object value) {
        return value instanceof String text && text.matches(Contract.ACCESS_TOKEN);
    }

    /** Others renew the tokens, and this caller's time is over. */
    static LobbykeyException tokensBusy() {
        return new LobbykeyException(
                "Another caller or process is renewing the tokens, and did not finish in time",
                LobbykeyException.Facts.unanswered(
                        "tokens_busy", "Call again; if this continues, look for a process that hangs while it holds the lock of the storage.", true),
                null);
    }

    private static LobbykeyException unexpectedAnswer(int status, HttpHeaders headers, String said, boolean mayRepeat) {
        return new LobbykeyException(
                said,
                new LobbykeyException.Facts(null, "unexpected_answer", status,
                        "Check baseUrl; a proxy may have answered in the gateway's place.", mayRepeat, requestIdOf(headers), retryAfterOf(headers)),
                null);
    }

    private static String requestIdOf(HttpHeaders headers) {
        return headers.firstValue("x-request-id").orElse(null);
    }

    /** How long the gateway, or a proxy before it, asks to wait: seconds or a date. Null for what is neither. */
    private static Duration retryAfterOf(HttpHeaders headers) {
        String text = headers.firstValue("retry-after").orElse("").strip();
        // More digits than these are more patience than anybody has.
        if (text.matches("[0-9]+")) return Duration.ofSeconds(text.length() < 10 ? Long.parseLong(text) : 999_999_999);
        Instant date = timeOf(text);
        if (date == null) return null;
        // By the clock of whoever wrote the date.
        Instant now = timeOf(headers.firstValue("date").orElse(""));
        Duration wait = Duration.between(now == null ? Instant.now() : now, date);
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    private static Instant timeOf(String text) {
        try {
            return DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from);
        } catch (DateTimeException notADate) {
            return null;
        }
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

    private static LobbykeyException notReached(Throwable cause, boolean mayRepeat) {
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

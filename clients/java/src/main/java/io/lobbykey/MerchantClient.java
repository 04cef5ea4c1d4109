package io.lobbykey;

import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The member API. Fields have the names of the API's own documents; {@code agent_id}, {@code timestamp} and {@code sign} are added. A lost
 * answer, a 5xx or 408004 is repeated as the same signed request, which the gateway answers in the same way. May be used from many threads
 * at once. Every call throws {@link LobbykeyException}.
 */
public final class MerchantClient {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Pattern SERVER_CLOCK = Pattern.compile(Contract.SERVER_CLOCK);

    private final Options options;
    private final Transport transport;
    private long clockOffsetMs;
    private long lastTimestamp;
    private boolean isClockTold;
    private volatile boolean isProven;
    private volatile boolean isCallbackProven;
    private volatile String lastText;

    /** @throws IllegalArgumentException for options that no gateway has */
    public MerchantClient(Options options) {
        if (!ClientOptions.isGiven(options.agentId)) throw new IllegalArgumentException("agentId must not be empty");
        if (!ClientOptions.isGiven(options.key)) throw new IllegalArgumentException("key must not be empty");
        if (!Contract.ALGORITHMS.containsKey(options.algorithm)) {
            throw new IllegalArgumentException("algorithm must be one of " + String.join(", ", Contract.ALGORITHMS.keySet()));
        }
        if (!List.of("unsigned", "signed").contains(options.callback)) {
            throw new IllegalArgumentException("callback must be unsigned or signed");
        }
        this.options = options;
        transport = new Transport(options);
    }

    /** With the defaults of {@link Options}. */
    public MerchantClient(String baseUrl, String agentId, String key) {
        this(new Options(baseUrl, agentId, key));
    }

    /** How to reach the gateway, and the merchant's profile, which the operator sets. */
    public static final class Options extends ClientOptions<Options> {
        private final String agentId;
        private final String key;
        private String algorithm = "md5";
        private String callback = "unsigned";
        private Consumer<String> debug;

        /**
         * @param baseUrl the gateway's URL, such as {@code https://login.example.com}; a path is kept: a proxy may serve the gateway below one
         * @param key the merchant's; it stays in the client
         */
        public Options(String baseUrl, String agentId, String key) {
            super(baseUrl);
            this.agentId = agentId;
            this.key = key;
        }

        /** {@code md5} (default) or {@code hmac-sha256}. */
        public Options algorithm(String algorithm) {
            this.algorithm = algorithm;
            return this;
        }

        /** Whether login's {@code callback} is signed: {@code unsigned} (default) or {@code signed}. */
        public Options callback(String callback) {
            this.callback = callback;
            return this;
        }

        /** Gets each request as text, without key, token or whole signature. */
        public Options debug(Consumer<String> debug) {
            this.debug = debug;
            return this;
        }

        @Override
        Options self() {
            return this;
        }
    }

    /** Where to send the member's app. */
    public record Launch(String url, String token, String requestId) {}

    /** What a list call answers, as plain maps and lists. */
    public record Answer(Map<String, Object> data, String requestId) {}

    /** Logs a member in. Makes a session token unless one is given. */
    public Launch login(Map<String, ?> fields) {
        Map<String, Object> given = new LinkedHashMap<>(fields);
        if (isEmpty(given.get("token"))) given.put("token", newToken());
        return launch("login", given);
    }

    public Launch guestLogin(Map<String, ?> fields) {
        return launch("guest_login", fields);
    }

    /** @return the request's ID */
    public String create(Map<String, ?> fields) {
        return call("create", fields).requestId();
    }

    /** An empty {@code desc} clears it. @return the request's ID */
    public String update(Map<String, ?> fields) {
        return call("update", fields).requestId();
    }

    /** Sets a member's status. @return the request's ID */
    public String lock(Map<String, ?> fields) {
        return call("lock", fields).requestId();
    }

    /** Ends a member's sessions. @return the request's ID */
    public String logout(Map<String, ?> fields) {
        return call("logout", fields).requestId();
    }

    public Answer games(Map<String, ?> fields) {
        return call("game_list", fields);
    }

    public Answer limits(Map<String, ?> fields) {
        return call("limit_list", fields);
    }

    /** The exact text that was hashed for the last call, with KEY for the key; null before. It holds the session token: no log may. */
    public String explainText() {
        return lastText;
    }

    /** For logs: no key is in it. */
    @Override
    public String toString() {
        return "MerchantClient(" + options.baseUrl + ", " + options.agentId + ")";
    }

    /** Makes any signed call by its name in the contract. */
    public Answer call(String name, Map<String, ?> given) {
        Map<String, Object> fields = fieldsOf(name, given);
        long end = transport.end();
        try {
            return send(name, signed(name, fields), end);
        } catch (LobbykeyException error) {
            // Refused for its time alone, so nothing has taken effect: a new signature with the gateway's time is safe.
            if (!setClock(error)) throw error;
            return send(name, signed(name, fields), end);
        }
    }

    private Launch launch(String name, Map<String, ?> fields) {
        Answer answer = call(name, fields);
        return new Launch((String) answer.data().get("url"), (String) answer.data().get("token"), answer.requestId());
    }

    /** Without what is empty, every value as the text that is signed. */
    private Map<String, Object> fieldsOf(String name, Map<String, ?> given) {
        Contract.Call facts = Contract.CALLS.get(name);
        if (facts == null) throw invalidField(name + " is no call");
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("agent_id", options.agentId);
        given.forEach((field, value) -> {
            if (!facts.fields().contains(field)) {
                throw invalidField(field + " is no field of " + name + "; it takes " + String.join(", ", facts.fields()));
            }
            if (isEmpty(value) && !("".equals(value) && facts.clearable().contains(field))) return;
            fields.put(field, value instanceof Map<?, ?> ? value : value instanceof BigDecimal amount ? amount.toPlainString() : value.toString());
        });
        return fields;
    }

    private Map<String, Object> signed(String name, Map<String, Object> fields) {
        Map<String, Object> timed = new LinkedHashMap<>(fields);
        timed.put("timestamp", timestampFor(fields));
        String canonical = canonicalOf(name, timed);
        lastText = textOf(canonical, "KEY");
        timed.put("sign", digestOf(canonical, options.key));
        return timed;
    }

    /** Never one time twice: two calls alike in one millisecond would be one signed request. A session token tells logins apart. */
    private synchronized long timestampFor(Map<String, Object> fields) {
        long now = System.currentTimeMillis() + clockOffsetMs;
        if (fields.containsKey("token")) return now;
        lastTimestamp = Math.max(now, lastTimestamp + 1);
        return lastTimestamp;
    }

    private String canonicalOf(String name, Map<String, ?> fields) {
        return Contract.CALLS.get(name).signed().get(options.callback).stream()
                .filter(field -> !isEmpty(fields.get(field)))
                .map(field -> field + "=" + fields.get(field))
                .collect(Collectors.joining("&"));
    }

    private String textOf(String canonical, String key) {
        return isHmac() ? canonical : key + "&" + canonical;
    }

    private String digestOf(String canonical, String key) {
        byte[] text = textOf(canonical, key).getBytes(StandardCharsets.UTF_8);
        String hash = Contract.ALGORITHMS.get(options.algorithm).hash();
        try {
            if (!isHmac()) return HexFormat.of().formatHex(MessageDigest.getInstance(hash).digest(text));
            Mac mac = Mac.getInstance("Hmac" + hash);
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), mac.getAlgorithm()));
            return HexFormat.of().formatHex(mac.doFinal(text));
        } catch (GeneralSecurityException cause) {
            throw new IllegalStateException("this Java has no " + hash, cause);
        }
    }

    private boolean isHmac() {
        return Contract.ALGORITHMS.get(options.algorithm).keyUse().equals("hmac");
    }

    private Answer send(String name, Map<String, Object> fields, long end) {
        Contract.Call facts = Contract.CALLS.get(name);
        boolean isGet = facts.method().equals("GET");
        String path = isGet ? facts.path() + "?" + queryOf(fields) : facts.path();
        String body = isGet ? null : Json.write(fields);
        Map<String, String> headers = isGet ? Map.of() : Map.of("Content-Type", "application/json");
        if (options.debug != null) options.debug.accept(describe(name, fields));
        return transport.repeat(end, attemptEnd -> answerOf(name, fields, transport.send(facts.method(), path, headers, body, attemptEnd)));
    }

    private Answer answerOf(String name, Map<String, Object> fields, HttpResponse<String> response) {
        Map<String, Object> answer = Json.object(response.body());
        String code = Transport.codeOf(answer);
        if (!"200".equals(code)) {
            throw Transport.errorOf(Contract.MEMBER_CODES, response, "600100".equals(code) ? whyRefused(name, fields) : null, true);
        }
        isProven = true;
        if (name.equals("login") && fields.containsKey("callback")) isCallbackProven = true;
        return new Answer(Transport.dataOf(response, Contract.CALLS.get(name).answers()), response.headers().firstValue("x-request-id").orElse(null));
    }

    /** What code 600100 cannot tell: the likeliest reason, from what this side knows. Never holds the key. */
    private String whyRefused(String name, Map<String, Object> fields) {
        String key = options.key;
        String host = URI.create(options.baseUrl).getHost();
        boolean isLoopback = host != null && (host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]"));
        if (!digestOf(canonicalOf("create", Contract.VECTOR_FIELDS), Contract.VECTOR_KEY).equals(Contract.VECTOR_DIGESTS.get(options.algorithm))) {
            return "This program computes a wrong " + options.algorithm + ": even the published example comes out wrong.";
        }
        if (!key.equals(key.strip())) return "The key begins or ends with white space: remove it. Often it is the line break at the end of a file.";
        if (key.matches("\".*\"|'.*'")) return "The key is in quotes: remove them.";
        if (key.equals(Contract.VECTOR_KEY) && !isLoopback) {
            return "The key is the published example's, which only a sandbox has: use your own.";
        }
        boolean isCallbackInDoubt = name.equals("login") && fields.containsKey("callback") && !isCallbackProven;
        String other = options.callback.equals("signed") ? "unsigned" : "signed";
        String change = "your profile has callback '" + other + "' and this client '" + options.callback + "': create it with callback '" + other
                + "', or ask the operator.";
        if (isProven && isCallbackInDoubt) return "Key and algorithm worked before, so likely " + change;
        if (isProven) return "Such calls succeeded before: likely the operator has replaced the key or changed your profile.";
        String likely = "Likely the key is another environment's, or your profile has another algorithm than '" + options.algorithm
                + "': compare both with the operator. The text is signed as the published example is.";
        if (!isCallbackInDoubt) return likely;
        return likely + " If a login without callback succeeds, " + change;
    }

    /** Whether the answer told the gateway's time. */
    private boolean setClock(LobbykeyException error) {
        Matcher told = SERVER_CLOCK.matcher(error.said());
        if (!"408000".equals(error.code()) || !told.find()) return false;
        long offsetMs = Long.parseLong(told.group(1)) - System.currentTimeMillis();
        synchronized (this) {
            clockOffsetMs = offsetMs;
            lastTimestamp = 0;
            if (isClockTold) return true;
            isClockTold = true;
        }
        options.warn.accept("This machine's clock is " + Math.round(Math.abs(offsetMs) / 1_000.0) + " s " + (offsetMs > 0 ? "behind" : "ahead of")
                + " the gateway's. The client corrects for it; set the clock all the same.");
        return true;
    }

    private String describe(String name, Map<String, Object> fields) {
        Map<String, Object> shown = new LinkedHashMap<>(fields);
        shown.replace("token", "TOKEN");
        shown.put("sign", fields.get("sign").toString().substring(0, 4) + "…");
        Contract.Call facts = Contract.CALLS.get(name);
        return facts.method() + " " + options.baseUrl + facts.path() + "\n" + Json.write(shown) + "\n" + options.algorithm + " of "
                + textOf(canonicalOf(name, shown), "KEY");
    }

    /** A blank is {@code %20}, never {@code +}. */
    private static String queryOf(Map<String, Object> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue().toString(), StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("&"));
    }

    private static boolean isEmpty(Object value) {
        return value == null || "".equals(value) || value instanceof Map<?, ?> map && map.isEmpty();
    }

    /** 28 characters of 168 random bits. */
    private static String newToken() {
        byte[] random = new byte[21];
        RANDOM.nextBytes(random);
        return Base64.getUrlEncoder().encodeToString(random);
    }

    private static LobbykeyException invalidField(String said) {
        return new LobbykeyException(
                said, LobbykeyException.Facts.unanswered("invalid_parameter", "Correct the call; nothing was sent.", false), null);
    }
}

package io.lobbykey;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.function.Consumer;

/** What both clients can be told. */
abstract class ClientOptions<O extends ClientOptions<O>> {
    final String baseUrl;
    Duration deadline = Duration.ofSeconds(15);
    Duration attemptTimeout = Duration.ofSeconds(6);
    Duration firstPause = Duration.ofMillis(200);
    HttpClient httpClient;
    Consumer<String> warn = ClientOptions::log;

    ClientOptions(String baseUrl) {
        if (baseUrl == null || !baseUrl.matches(Contract.BASE_URL)) {
            throw new IllegalArgumentException(
                    "baseUrl must be the gateway's URL in ASCII, without user name and query, such as https://login.example.com");
        }
        this.baseUrl = baseUrl.replaceAll("/+$", "");
    }

    /** How long a call may take in all, with its repeats; 15 s unless said. */
    public O deadline(Duration deadline) {
        this.deadline = deadline;
        return self();
    }

    /** How long one answer is waited for; 6 s unless said. */
    public O attemptTimeout(Duration attemptTimeout) {
        this.attemptTimeout = attemptTimeout;
        return self();
    }

    /** Pauses begin with this and double, with jitter; 200 ms unless said. */
    public O firstPause(Duration firstPause) {
        this.firstPause = firstPause;
        return self();
    }

    /** One that does not follow redirects; made by the client unless given. */
    public O httpClient(HttpClient httpClient) {
        this.httpClient = httpClient;
        return self();
    }

    /** Is told once what somebody should look into; the logger {@code io.lobbykey} unless said. */
    public O warn(Consumer<String> warn) {
        this.warn = warn;
        return self();
    }

    /** Whether an option is there: a variable of the environment that is empty is as good as none. */
    static boolean isGiven(String value) {
        return value != null && !value.isEmpty();
    }

    static void log(String text) {
        System.getLogger("io.lobbykey").log(System.Logger.Level.WARNING, text);
    }

    abstract O self();
}

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

    /** How long a call may take in all, with its repeats; default 15 s. */
    public O deadline(Duration deadline) {
        this.deadline = deadline;
        return self();
    }

    /** How long to wait for one answer; default 6 s. */
    public O attemptTimeout(Duration attemptTimeout) {
        this.attemptTimeout = attemptTimeout;
        return self();
    }

    /** The first pause before a repeat; pauses double, with jitter. Default 200 ms. */
    public O firstPause(Duration firstPause) {
        this.firstPause = firstPause;
        return self();
    }

    /** Must not follow redirects; default a client of its own. */
    public O httpClient(HttpClient httpClient) {
        this.httpClient = httpClient;
        return self();
    }

    /** Called once for each thing that somebody should look into; default the logger {@code io.lobbykey}. */
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

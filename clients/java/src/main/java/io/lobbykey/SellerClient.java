package io.lobbykey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Sends requests with a good access token: logs in once for all threads that ask, renews tokens before they expire, and logs in again when the
 * login has ended. Every call throws {@link LobbykeyException}.
 */
public final class SellerClient {
    /** Share of an access token's life after which it is renewed: between these two, by chance, so that processes do not do it at once. */
    private static final double RENEW_FROM = 0.75;
    private static final double RENEW_TO = 0.9;
    /** Answers by which a proxy or the gateway says that nothing was done. */
    private static final List<Integer> AGAIN = List.of(429, 502, 503, 504);
    private static final List<String> SAFE_METHODS = List.of("GET", "HEAD", "OPTIONS");
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");
    private static final Map<String, String> TOKEN_TYPES = Map.of("accessToken", "access token", "refreshToken", "string", "expiresIn", "integer");
    private static final Map<String, String> IDENTITY_TYPES = Map.of("sellerId", "string", "email", "string", "expiresAt", "string");

    private final Options options;
    private final Transport transport;
    private final ReentrantLock renewal = new ReentrantLock();
    private volatile Current current;
    private final boolean hasPassword;
    private String firstRefreshToken;
    /** What keeps the client from logging in again, and until when. */
    private LobbykeyException stop;
    private long stopUntil;
    private boolean isStopForever;
    private volatile boolean isAdvised;

    /** @throws IllegalArgumentException for options that no login comes from */
    public SellerClient(Options options) {
        hasPassword = ClientOptions.isGiven(options.email) && ClientOptions.isGiven(options.password);
        firstRefreshToken = ClientOptions.isGiven(options.refreshToken) ? options.refreshToken : null;
        if (!hasPassword && firstRefreshToken == null) throw new IllegalArgumentException("email and password, or refreshToken, must be given");
        this.options = options;
        transport = new Transport(options);
    }

    /** With the defaults of {@link Options}. */
    public SellerClient(String baseUrl, String email, String password) {
        this(new Options(baseUrl).email(email).password(password));
    }

    /** How to reach the gateway, and the account: e-mail and password, or a refresh token. */
    public static final class Options extends ClientOptions<Options> {
        private String email;
        private String password;
        private String refreshToken;
        private TokenStorage storage = new MemoryStorage();

        /** @param baseUrl the gateway's URL, such as {@code https://login.example.com}; a path is kept: a proxy may serve the gateway below one */
        public Options(String baseUrl) {
            super(baseUrl);
        }

        public Options email(String email) {
            this.email = email;
            return this;
        }

        public Options password(String password) {
            this.password = password;
            return this;
        }

        /** Of a login made elsewhere, in place of a password. */
        public Options refreshToken(String refreshToken) {
            this.refreshToken = refreshToken;
            return this;
        }

        /** Default the client's memory. Processes that share a storage share one login. */
        public Options storage(TokenStorage storage) {
            this.storage = storage;
            return this;
        }

        @Override
        Options self() {
            return this;
        }
    }

    /** Of a seller, as a storage keeps them; times are milliseconds of this machine's clock. They open the account: keep them as a password. */
    public record Tokens(String accessToken, String refreshToken, long issuedAt, long expiresAt) {
        /** For logs: no token is in it. */
        @Override
        public String toString() {
            return "Tokens(until " + expiresAt + ")";
        }

        /** Whether there is no need to renew yet. Tokens of the future were got before the clock was set back: nobody knows when. */
        private boolean isFresh() {
            long now = System.currentTimeMillis();
            return issuedAt <= now && now < timeAt(RENEW_TO);
        }

        private double timeAt(double share) {
            return issuedAt + (expiresAt - issuedAt) * share;
        }
    }

    /** Where tokens are kept, for one process or for several that share one login. */
    public interface TokenStorage {
        /** Null where nothing is kept. */
        Tokens read();

        /** Null forgets what is kept. */
        void write(Tokens tokens);

        /** Does the work while nobody else of the same storage does; throws after waiting in vain. */
        <T> T exclusively(Supplier<T> work, Duration wait);
    }

    /** A file that only its owner may read, shared by the processes of one machine. */
    public static final class FileStorage implements TokenStorage {
        private static final long LOCK_PAUSE_MS = 50;
        private static final boolean IS_POSIX = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");
        /** A lock of the system is held by a process; its threads take turns here. */
        private static final Map<Path, ReentrantLock> TURNS = new ConcurrentHashMap<>();

        private final Path path;
        private final Consumer<String> warn;

        public FileStorage(Path path) {
            this(path, ClientOptions::log);
        }

        /** @param warn called when others had access to the file; default the logger {@code io.lobbykey} */
        public FileStorage(Path path, Consumer<String> warn) {
            this.path = path.toAbsolutePath().normalize();
            this.warn = warn;
        }

        @Override
        public Tokens read() {
            try {
                closeToOthers();
                Map<String, Object> kept = Json.object(new String(Files.readAllBytes(path), StandardCharsets.UTF_8));
                // What is no pair of tokens, such as a file half written, is as good as none: whoever reads it logs in anew.
                boolean isPair = Transport.isAccessToken(kept.get("accessToken")) && kept.get("refreshToken") instanceof String
                        && kept.get("issuedAt") instanceof Long && kept.get("expiresAt") instanceof Long;
                if (!isPair) return null;
                return new Tokens((String) kept.get("accessToken"), (String) kept.get("refreshToken"),
                        (Long) kept.get("issuedAt"), (Long) kept.get("expiresAt"));
            } catch (NoSuchFileException nothing) {
                return null;
            } catch (IOException cause) {
                throw new UncheckedIOException(cause);
            }
        }

        @Override
        public void write(Tokens tokens) {
            try {
                if (tokens == null) {
                    Files.deleteIfExists(path);
                    return;
                }
                Map<String, Object> kept = new LinkedHashMap<>();
                kept.put("accessToken", tokens.accessToken());
                kept.put("refreshToken", tokens.refreshToken());
                kept.put("issuedAt", tokens.issuedAt());
                kept.put("expiresAt", tokens.expiresAt());
                Path draft = beside("." + UUID.randomUUID());
                try {
                    Files.createFile(draft, ownerOnly());
                    Files.writeString(draft, Json.write(kept));
                    Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                } finally {
                    Files.deleteIfExists(draft);
                }
            } catch (IOException cause) {
                throw new UncheckedIOException(cause);
            }
        }

        @Override
        public <T> T exclusively(Supplier<T> work, Duration wait) {
            long end = System.nanoTime() + wait.toNanos();
            ReentrantLock turn = TURNS.computeIfAbsent(path, anew -> new ReentrantLock());
            acquire(turn, end);
            try (FileChannel channel = FileChannel.open(beside(".lock"), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), ownerOnly())) {
                // The system frees the lock of a process that is gone.
                while (channel.tryLock() == null) {
                    if (System.nanoTime() >= end) throw Transport.tokensBusy();
                    Thread.sleep(LOCK_PAUSE_MS);
                }
                return work.get();
            } catch (IOException cause) {
                throw new UncheckedIOException(cause);
            } catch (InterruptedException cause) {
                Thread.currentThread().interrupt();
                throw Transport.tokensBusy();
            } finally {
                turn.unlock();
            }
        }

        /** A file that was copied or restored may be open to others: closed again, which is told. Windows has no such modes. */
        private void closeToOthers() throws IOException {
            // A folder named by mistake stays as it is.
            if (!IS_POSIX || Files.exists(path) && !Files.isRegularFile(path)) return;
            Object owner = Files.getAttribute(path, "unix:uid");
            // What root owns is nobody else's.
            if (!owner.equals(0) && !owner.equals(ownUserId())) {
                throw new IOException(path + " belongs to another user (uid " + owner
                        + "), who could have put the tokens of another account there. Remove it, or name another file.");
            }
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(path);
            if (PosixFilePermissions.fromString("rwx------").containsAll(mode)) return;
            String outcome = "Its mode is 600 now";
            try {
                Files.setPosixFilePermissions(path, PRIVATE);
            } catch (IOException notOurs) {
                outcome = "Set its mode to 600";
            }
            warn.accept(path + " holds a login, and its mode " + PosixFilePermissions.toString(mode) + " gave others access. " + outcome
                    + "; log out if somebody may have read it.");
        }

        /** Whose the files are that this process makes: Java does not tell its user. */
        private Object ownUserId() throws IOException {
            Path draft = beside("." + UUID.randomUUID());
            try {
                return Files.getAttribute(Files.createFile(draft, ownerOnly()), "unix:uid");
            } finally {
                Files.deleteIfExists(draft);
            }
        }

        private static FileAttribute<?>[] ownerOnly() {
            return IS_POSIX ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PRIVATE)} : new FileAttribute<?>[0];
        }

        private Path beside(String ending) {
            return path.resolveSibling(path.getFileName() + ending);
        }
    }

    /** Whose the token is. */
    public record Identity(String sellerId, String email, String expiresAt) {}

    /** GET with the access token; the path is below the base URL. */
    public HttpResponse<String> fetch(String path) {
        return fetch("GET", path, Map.of(), null);
    }

    /**
     * Sends a request with the access token; the path is below the base URL. What only reads is sent again while the gateway is away.
     *
     * @param body null for none
     */
    public HttpResponse<String> fetch(String method, String path, Map<String, String> headers, String body) {
        if (!path.startsWith("/") || path.startsWith("//")) {
            throw new IllegalArgumentException("a path begins with one slash: the access token goes to the base URL only");
        }
        long end = transport.end();
        Tokens tokens = good(end);
        HttpResponse<String> response = sendPatiently(method, path, headers, body, tokens, end);
        String code = response.statusCode() == 401 ? Transport.codeOf(Json.object(response.body())) : null;
        if (code == null || !List.of("10008", "10009", "10010").contains(code)) return response;
        return sendPatiently(method, path, headers, body, renew(tokens, code.equals("10009"), end), end);
    }

    /** Says whose the token is. */
    public Identity me() {
        HttpResponse<String> response = fetch(Contract.SELLER_PATH + "/me");
        Map<String, Object> data = dataOf(response, IDENTITY_TYPES);
        return new Identity((String) data.get("sellerId"), (String) data.get("email"), (String) data.get("expiresAt"));
    }

    /** A valid access token, for requests that you send yourself. */
    public String accessToken() {
        return good(transport.end()).accessToken();
    }

    /** Ends the login, for every process that shares it. */
    public void logout() {
        Current known = current;
        Tokens tokens = known == null ? options.storage.read() : known.tokens();
        if (tokens == null) return;
        try {
            call("logout", Map.of("Authorization", "Bearer " + tokens.accessToken()), null, transport.end(), Map.of());
        } catch (LobbykeyException error) {
            if (error.status() != 401) throw error;
        }
        options.storage.write(null);
        current = null;
    }

    /** For logs: no password is in it. */
    @Override
    public String toString() {
        return "SellerClient(" + options.baseUrl + ", " + options.email + ")";
    }

    private Tokens good(long end) {
        Current known = current;
        return known != null && known.isGood() ? known.tokens() : renew(null, true, end);
    }

    /** Better tokens than the ones refused, or than those whose time has come. One renewal serves all who wait. */
    private Tokens renew(Tokens refused, boolean isRefreshable, long end) {
        acquire(renewal, end);
        try {
            Current known = current;
            if (known != null && known.isGood() && known.tokens() != refused) return known.tokens();
            Tokens old = refused != null || known == null ? refused : known.tokens();
            try {
                return options.storage.exclusively(() -> renewOnce(old, isRefreshable, end), Transport.timeLeft(end));
            } catch (LobbykeyException error) {
                // Renewal came early: the token is still good, and the next call tries again.
                boolean isStillGood = refused == null && known != null && System.currentTimeMillis() < known.tokens().expiresAt();
                if (isStillGood && error.mayRepeat()) return known.tokens();
                throw error;
            }
        } finally {
            renewal.unlock();
        }
    }

    private Tokens renewOnce(Tokens old, boolean isRefreshable, long end) {
        Tokens stored = options.storage.read();
        boolean isNews = stored != null && (old == null || !stored.accessToken().equals(old.accessToken()));
        // Another process was faster.
        if (isNews && stored.isFresh()) return use(stored);
        String refreshToken = stored == null ? firstRefreshToken : stored.refreshToken();
        Tokens tokens = refreshToken != null && isRefreshable ? refresh(refreshToken, end) : null;
        // Used before they are written: a full disk costs a call, not a login a call.
        tokens = use(tokens == null ? login(end) : tokens);
        options.storage.write(tokens);
        return tokens;
    }

    /** Null where the login behind the token is over. */
    private Tokens refresh(String refreshToken, long end) {
        try {
            return tokenCall("refresh", Map.of("refreshToken", refreshToken), end);
        } catch (LobbykeyException error) {
            if ("10010".equals(error.code()) || "10011".equals(error.code())) {
                firstRefreshToken = null;
                if (hasPassword) return null;
            }
            throw error;
        }
    }

    private Tokens login(long end) {
        if (!hasPassword) {
            throw new LobbykeyException(
                    "The login has ended, and there is no e-mail and password for a new one",
                    LobbykeyException.Facts.unanswered(
                            "refresh_token_invalid", "Log in again, and give the client the new refresh token.", false),
                    null);
        }
        if (stop != null && (isStopForever || System.nanoTime() < stopUntil)) throw stop;
        try {
            return tokenCall("login", Map.of("email", options.email, "password", options.password), end);
        } catch (LobbykeyException error) {
            if ("10006".equals(error.code()) || "10007".equals(error.code())) {
                Duration wait = error.retryAfter() == null ? Duration.ZERO : error.retryAfter();
                stop = error;
                isStopForever = error.code().equals("10006");
                stopUntil = System.nanoTime() + wait.toNanos();
            }
            throw error;
        }
    }

    private Tokens tokenCall(String name, Map<String, String> fields, long end) {
        long issuedAt = System.currentTimeMillis();
        Map<String, Object> data = call(name, JSON, Json.write(fields), end, TOKEN_TYPES);
        long lifeMs = (Long) data.get("expiresIn") * 1_000;
        return new Tokens((String) data.get("accessToken"), (String) data.get("refreshToken"), issuedAt, issuedAt + lifeMs);
    }

    private Map<String, Object> call(String name, Map<String, String> headers, String body, long end, Map<String, String> types) {
        return transport.repeat(end, attemptEnd -> {
            HttpResponse<String> response = transport.send("POST", Contract.SELLER_PATH + "/" + name, headers, body, attemptEnd);
            Map<String, Object> data = dataOf(response, types);
            response.headers().firstValue("x-token-advice").ifPresent(this::tellAdvice);
            return data;
        });
    }

    private static Map<String, Object> dataOf(HttpResponse<String> response, Map<String, String> types) {
        Map<String, Object> answer = Json.object(response.body());
        String code = Transport.codeOf(answer);
        // 10007 is for whoever asks to wait out, not for another attempt.
        if (!"0000".equals(code)) throw Transport.errorOf(Contract.SELLER_CODES, response, null, !"10007".equals(code));
        return Transport.dataOf(response, types);
    }

    private HttpResponse<String> sendPatiently(
            String method, String path, Map<String, String> headers, String body, Tokens tokens, long end) {
        Map<String, String> sent = new LinkedHashMap<>(headers);
        sent.put("Authorization", "Bearer " + tokens.accessToken());
        if (!SAFE_METHODS.contains(method)) return transport.send(method, path, sent, body, end);
        LastAnswer last = new LastAnswer();
        try {
            return transport.repeat(end, attemptEnd -> {
                HttpResponse<String> response = transport.send(method, path, sent, body, attemptEnd);
                if (!AGAIN.contains(response.statusCode())) return response;
                last.response = response;
                throw Transport.errorOf(Contract.SELLER_CODES, response);
            });
        } catch (LobbykeyException error) {
            if (last.response != null && error.status() != 0) return last.response;
            throw error;
        }
    }

    private void tellAdvice(String advice) {
        if (isAdvised) return;
        isAdvised = true;
        options.warn.accept("The gateway advises: " + LobbykeyException.escapeHidden(advice) + ". Let the processes of this account share one storage.");
    }

    private Tokens use(Tokens tokens) {
        double share = ThreadLocalRandom.current().nextDouble(RENEW_FROM, RENEW_TO);
        long renewAt = (long) tokens.timeAt(share);
        current = new Current(tokens, renewAt, System.nanoTime() + (renewAt - System.currentTimeMillis()) * 1_000_000);
        return tokens;
    }

    private static void acquire(ReentrantLock lock, long end) {
        try {
            if (lock.tryLock(Transport.timeLeft(end).toNanos(), TimeUnit.NANOSECONDS)) return;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        throw Transport.tokensBusy();
    }

    /** Renewed by the clock that can be set and by the one that cannot: a clock that was set back makes no old token new. */
    private record Current(Tokens tokens, long renewAt, long renewAtNanos) {
        boolean isGood() {
            return System.currentTimeMillis() < renewAt && System.nanoTime() < renewAtNanos;
        }
    }

    private static final class LastAnswer {
        HttpResponse<String> response;
    }

    private static final class MemoryStorage implements TokenStorage {
        private Tokens tokens;

        @Override
        public Tokens read() {
            return tokens;
        }

        @Override
        public void write(Tokens tokens) {
            this.tokens = tokens;
        }

        @Override
        public <T> T exclusively(Supplier<T> work, Duration wait) {
            return work.get();
        }
    }
}

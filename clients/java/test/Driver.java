import io.lobbykey.LobbykeyException;
import io.lobbykey.MerchantClient;
import io.lobbykey.SellerClient;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Java's driver of clients/conformance: a case a line in, an answer a line out. */
public final class Driver {
    private interface Calls {
        List<String> make(String name, Map<String, Object> fields);
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        warmUp();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) out.println(write(answerTo(read(line))));
    }

    /** Loads what a first call loads, which on a busy machine takes longer than a case's deadline. Nobody listens there. */
    private static void warmUp() {
        try {
            new MerchantClient(new MerchantClient.Options("http://127.0.0.1:1", "agent001", "key").deadline(Duration.ofMillis(1))).logout(Map.of("user_id", "uid001"));
        } catch (LobbykeyException notReached) {
            // As it should be.
        }
    }

    private static Map<String, Object> answerTo(Map<String, Object> work) throws Exception {
        try {
            return run(work);
        } catch (IllegalArgumentException refusal) {
            return Map.of("refused", refusal.getMessage());
        }
    }

    private static Map<String, Object> run(Map<String, Object> work) throws Exception {
        Map<String, Object> given = map(work.get("options"));
        List<String> warnings = Collections.synchronizedList(new ArrayList<>());
        StringBuffer debug = new StringBuffer();
        Duration deadline = Duration.ofMillis((Long) given.get("deadlineMs"));
        Duration attempt = Duration.ofMillis((Long) given.getOrDefault("attemptMs", 6_000L));
        Duration firstPause = Duration.ofMillis((Long) given.get("firstPauseMs"));
        String baseUrl = (String) given.get("baseUrl");
        Object client;
        Calls calls;
        if (work.get("client").equals("merchant")) {
            MerchantClient merchant = new MerchantClient(new MerchantClient.Options(baseUrl, (String) given.get("agentId"), (String) given.get("key"))
                    .algorithm((String) given.get("algorithm")).callback((String) given.get("callback")).debug(debug::append)
                    .warn(warnings::add).deadline(deadline).attemptTimeout(attempt).firstPause(firstPause));
            client = merchant;
            calls = (name, fields) -> merchantCall(merchant, name, fields);
        } else {
            SellerClient.Options options = new SellerClient.Options(baseUrl).email((String) given.get("email"))
                    .password((String) given.get("password")).refreshToken((String) given.get("refreshToken"))
                    .warn(warnings::add).deadline(deadline).attemptTimeout(attempt).firstPause(firstPause);
            if (given.get("storage") != null) options.storage(new SellerClient.FileStorage(Path.of((String) given.get("storage")), warnings::add));
            SellerClient seller = new SellerClient(options);
            client = seller;
            calls = (name, fields) -> sellerCall(seller, name, fields);
        }
        List<Object> results = new ArrayList<>();
        for (Object item : (List<?>) work.get("calls")) {
            Map<String, Object> call = map(item);
            int times = ((Long) call.getOrDefault("times", 1L)).intValue();
            Map<String, Object> fields = map(call.getOrDefault("fields", Map.of()));
            ExecutorService pool = Executors.newFixedThreadPool(times);
            Callable<Object> once = () -> outcomeOf(calls, (String) call.get("do"), fields, client);
            for (Future<Object> outcome : pool.invokeAll(Collections.nCopies(times, once))) results.add(outcome.get());
            pool.shutdown();
        }
        return Map.of("results", results, "warnings", warnings, "debug", debug.toString());
    }

    private static List<String> merchantCall(MerchantClient client, String name, Map<String, Object> fields) {
        switch (name) {
            case "login": return launched(client.login(fields));
            case "guest_login": return launched(client.guestLogin(fields));
            case "create": return present("requestId", client.create(fields));
            case "update": return present("requestId", client.update(fields));
            case "lock": return present("requestId", client.lock(fields));
            case "logout": return present("requestId", client.logout(fields));
            default:
                MerchantClient.Answer answer = name.equals("game_list") ? client.games(fields) : client.limits(fields);
                List<String> names = new ArrayList<>(answer.data().keySet());
                names.addAll(present("requestId", answer.requestId()));
                return names;
        }
    }

    private static List<String> sellerCall(SellerClient client, String name, Map<String, Object> fields) {
        if (name.equals("fetch")) {
            Map<String, String> headers = new LinkedHashMap<>();
            map(fields.getOrDefault("headers", Map.of())).forEach((header, value) -> headers.put(header, value.toString()));
            String method = (String) fields.getOrDefault("method", "GET");
            return List.of(String.valueOf(client.fetch(method, (String) fields.get("path"), headers, (String) fields.get("body")).statusCode()));
        }
        if (name.equals("logout")) {
            client.logout();
            return List.of();
        }
        SellerClient.Identity identity = client.me();
        return present("sellerId", identity.sellerId(), "email", identity.email(), "expiresAt", identity.expiresAt());
    }

    private static List<String> launched(MerchantClient.Launch launch) {
        return present("url", launch.url(), "token", launch.token(), "requestId", launch.requestId());
    }

    /** Of names with their values, the names that have one. */
    private static List<String> present(String... pairs) {
        List<String> names = new ArrayList<>();
        for (int at = 0; at < pairs.length; at += 2) if (pairs[at + 1] != null) names.add(pairs[at]);
        return names;
    }

    private static Object outcomeOf(Calls calls, String name, Map<String, Object> fields, Object client) {
        try {
            return Map.of("ok", calls.make(name, fields));
        } catch (LobbykeyException error) {
            Map<String, Object> told = new LinkedHashMap<>();
            // The API's own types: a number for members, a text for sellers.
            told.put("code", error.code() != null && client instanceof MerchantClient ? (Object) Long.valueOf(error.code()) : error.code());
            told.put("key", error.key());
            told.put("mayRepeat", error.mayRepeat());
            told.put("requestId", error.requestId());
            told.put("message", error.getMessage());
            told.put("dump", error + " " + client);
            return Map.of("error", told);
        } catch (UncheckedIOException | IllegalArgumentException other) {
            return Map.of("thrown", other.getMessage());
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    /** The client's own reader of JSON, so that it is tried on the cases too. */
    private static Map<String, Object> read(String line) throws Exception {
        return map(json("object", String.class).invoke(null, line));
    }

    private static String write(Object value) throws Exception {
        return (String) json("write", Object.class).invoke(null, value);
    }

    private static Method json(String name, Class<?> argument) throws Exception {
        Method method = Class.forName("io.lobbykey.Json").getDeclaredMethod(name, argument);
        method.setAccessible(true);
        return method;
    }
}

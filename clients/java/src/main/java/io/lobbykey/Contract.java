// Written by `npm run clients` from packages/contract. Do not edit.
package io.lobbykey;

import java.util.List;
import java.util.Map;

final class Contract {
    static final String SELLER_PATH = "/merchant-api/seller/auth";

    /** The server's time in the message of a stale timestamp. */
    static final String SERVER_CLOCK = "the server's clock, ([0-9]{13})";

    static final String BASE_URL = "^https?://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:[1-9][0-9]{0,4})?(/[A-Za-z0-9._,;=:@+/-]*)?$";

    static final String ACCESS_TOKEN = "^[A-Za-z0-9._~+/=-]+$";

    /** Characters that do not show as themselves. */
    static final String HIDDEN = "[\\x{0}-\\x{1f}\\x{7f}-\\x{a0}\\x{ad}\\x{34f}\\x{600}-\\x{605}\\x{61c}\\x{6dd}\\x{70f}\\x{890}-\\x{891}\\x{8e2}\\x{115f}-\\x{1160}\\x{1680}\\x{17b4}-\\x{17b5}\\x{180b}-\\x{180f}\\x{2000}-\\x{200f}\\x{2028}-\\x{202f}\\x{205f}-\\x{206f}\\x{2800}\\x{3000}\\x{3164}\\x{d800}-\\x{dfff}\\x{fe00}-\\x{fe0f}\\x{feff}\\x{ffa0}\\x{fff0}-\\x{fffb}\\x{110bd}\\x{110cd}\\x{13430}-\\x{1343f}\\x{1bca0}-\\x{1bca3}\\x{1d173}-\\x{1d17a}\\x{e0000}-\\x{e0fff}]";

    static final Map<String, Call> CALLS = Map.ofEntries(
            Map.entry("login", new Call("POST", "/api/member/login", List.of("user_id", "token", "platform", "language", "currency", "game_code", "callback", "limits", "custom_language"),
                    Map.of("signed", List.of("agent_id", "callback", "currency", "game_code", "language", "platform", "timestamp", "token", "user_id"), "unsigned", List.of("agent_id", "currency", "game_code", "language", "platform", "timestamp", "token", "user_id")),
                    List.of(), Map.of("url", "string", "token", "string"))),
            Map.entry("create", new Call("POST", "/api/member/create", List.of("user_id", "user_name", "desc"),
                    Map.of("signed", List.of("agent_id", "desc", "timestamp", "user_id", "user_name"), "unsigned", List.of("agent_id", "desc", "timestamp", "user_id", "user_name")),
                    List.of(), Map.of())),
            Map.entry("update", new Call("POST", "/api/member/update", List.of("user_id", "user_name", "desc"),
                    Map.of("signed", List.of("agent_id", "desc", "timestamp", "user_id", "user_name"), "unsigned", List.of("agent_id", "desc", "timestamp", "user_id", "user_name")),
                    List.of("desc"), Map.of())),
            Map.entry("lock", new Call("POST", "/api/member/lock", List.of("user_id", "status"),
                    Map.of("signed", List.of("agent_id", "status", "timestamp", "user_id"), "unsigned", List.of("agent_id", "status", "timestamp", "user_id")),
                    List.of(), Map.of())),
            Map.entry("logout", new Call("POST", "/api/member/logout", List.of("user_id"),
                    Map.of("signed", List.of("agent_id", "timestamp", "user_id"), "unsigned", List.of("agent_id", "timestamp", "user_id")),
                    List.of(), Map.of())),
            Map.entry("guest_login", new Call("POST", "/api/guest/login", List.of("platform", "language", "currency", "game_code", "amount", "callback"),
                    Map.of("signed", List.of("agent_id", "amount", "callback", "currency", "game_code", "language", "platform", "timestamp"), "unsigned", List.of("agent_id", "amount", "callback", "currency", "game_code", "language", "platform", "timestamp")),
                    List.of(), Map.of("url", "string", "token", "string"))),
            Map.entry("game_list", new Call("GET", "/api/game/list", List.of("game_id"),
                    Map.of("signed", List.of("agent_id", "game_id", "timestamp"), "unsigned", List.of("agent_id", "game_id", "timestamp")),
                    List.of(), Map.of("list", "array"))),
            Map.entry("limit_list", new Call("GET", "/api/red/limit/list", List.of("game_id", "currency"),
                    Map.of("signed", List.of("agent_id", "currency", "game_id", "timestamp"), "unsigned", List.of("agent_id", "currency", "game_id", "timestamp")),
                    List.of(), Map.of("list", "array"))));

    static final List<Code> MEMBER_CODES = List.of(
            new Code("408000", 421, "host_not_served", "fix", "Use the URL that the operator gave you. Operators: let the proxy pass Host on, or list the name in ALLOWED_HOSTS."),
            new Code("408000", 415, "unsupported_media_type", "fix", "Send Content-Type: application/json and no Content-Encoding."),
            new Code("408000", 413, "body_too_large", "fix", "Send only the fields of the call."),
            new Code("408000", 405, "method_not_allowed", "fix", "Use the method that the Allow header names."),
            new Code("408000", 404, "path_not_found", "fix", "Compare the path with the reference; paths are case sensitive and have no trailing slash."),
            new Code("408000", 0, "invalid_parameter", "fix", "The message names the field and its rule."),
            new Code("408003", 0, "address_not_allowed", "fix", "Ask the operator to add the address in the message."),
            new Code("408004", 503, "queue_full", "later", "Wait for Retry-After seconds, then repeat the same request."),
            new Code("408004", 0, "rate_limited", "later", "Wait for Retry-After seconds, then repeat the same request."),
            new Code("600100", 0, "bad_signature", "fix", "Compare your canonical string with `lobbykey sign`, or let `lobbykey explain` name the mistake."),
            new Code("700101", 0, "merchant_not_found", "fix", "Check agent_id; it is case sensitive."),
            new Code("700102", 0, "member_exists", "no", "Nothing, or use update."),
            new Code("700103", 0, "member_not_found", "fix", "Create the member first."),
            new Code("700105", 503, "lock_failed", "later", "Repeat the same request after Retry-After; repeating is safe."),
            new Code("700106", 503, "store_unavailable", "later", "Repeat the same request after Retry-After; repeating is safe."),
            new Code("700106", 500, "internal", "later", "Try again later; give the operator the X-Request-Id."),
            new Code("700106", 0, "login_refused", "fix", "Generate a new random token and sign again."),
            new Code("700108", 0, "member_locked", "no", "Unlock the member: set a status that allows logins."),
            new Code("700208", 0, "currency_not_allowed", "fix", "Use a currency that is set up for the merchant."),
            new Code("700270", 0, "bet_limits", "fix", "The message names the key and the ID. Choose from the bet-limit list, in its order."));

    static final List<Code> SELLER_CODES = List.of(
            new Code("10001", 405, "method_not_allowed", "fix", "Use the method that the Allow header names."),
            new Code("10001", 404, "path_not_found", "fix", "Compare the path with the reference; paths are case sensitive and have no trailing slash."),
            new Code("10002", 415, "unsupported_media_type", "fix", "Send Content-Type: application/json and no Content-Encoding."),
            new Code("10002", 413, "body_too_large", "fix", "Send only the fields of the call."),
            new Code("10002", 400, "invalid_body", "fix", "Send one JSON object in UTF-8, each key once. The message says what is wrong."),
            new Code("10003", 401, "seller_signature_invalid", "fix", "Does not occur today."),
            new Code("10004", 503, "store_unavailable", "later", "Repeat the same request after Retry-After; repeating is safe."),
            new Code("10005", 421, "host_not_served", "fix", "Use the URL that the operator gave you. Operators: let the proxy pass Host on, or list the name in ALLOWED_HOSTS."),
            new Code("10005", 400, "invalid_parameter", "fix", "The message names the field and its rule."),
            new Code("10006", 401, "bad_credentials", "fix", "Check both; if they are right, ask the operator whether the account is enabled and unlocked."),
            new Code("10007", 429, "throttled", "later", "Wait for Retry-After seconds."),
            new Code("10008", 401, "access_token_invalid", "login", "Send Authorization: Bearer with the accessToken of the last login or refresh."),
            new Code("10009", 401, "access_token_expired", "login", "Refresh, then repeat the call."),
            new Code("10010", 401, "access_token_revoked", "login", "Log in again."),
            new Code("10011", 401, "refresh_token_invalid", "login", "Log in again; keep only the newest refresh token."),
            new Code("10012", 503, "login_busy", "later", "Wait for Retry-After seconds. Reuse your token instead of logging in for each call."),
            new Code("10013", 401, "reset_token_invalid", "no", "Ask the operator for a new link."),
            new Code("10099", 500, "internal", "later", "Try again later; give the operator the X-Request-Id."));

    static final Map<String, Algorithm> ALGORITHMS = Map.ofEntries(
            Map.entry("md5", new Algorithm("md5", "key-in-text")),
            Map.entry("hmac-sha256", new Algorithm("sha256", "hmac")));

    /** The published example. */
    static final String VECTOR_KEY = "l4gnD61pz4arJyv8";

    static final Map<String, String> VECTOR_FIELDS = Map.ofEntries(
            Map.entry("agent_id", "agent001"),
            Map.entry("user_id", "testUid03"),
            Map.entry("user_name", "testUser"),
            Map.entry("desc", "a test user"),
            Map.entry("timestamp", "1734486159402"));

    static final Map<String, String> VECTOR_DIGESTS = Map.ofEntries(
            Map.entry("md5", "9d356beca8874e340721cc3e269863bd"),
            Map.entry("hmac-sha256", "8731c9be76a30e717e6fafee5e93197029376872b074e058bcd67fd677b94b81"));

    record Call(String method, String path, List<String> fields, Map<String, List<String>> signed, List<String> clearable, Map<String, String> answers) {}

    record Code(String code, int status, String key, String retry, String cure) {}

    record Algorithm(String hash, String keyUse) {}

    private Contract() {}
}

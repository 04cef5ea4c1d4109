// Code generated: Written by `npm run clients` from packages/contract. Do not edit. DO NOT EDIT.

package lobbykey

const sellerPath = "/merchant-api/seller/auth"

// The server's time in the message of a stale timestamp.
const serverClock = "the server's clock, ([0-9]{13})"

const baseURLForm = "^https?://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:[1-9][0-9]{0,4})?(/[A-Za-z0-9._,;=:@+/-]*)?$"

const accessTokenForm = "^[A-Za-z0-9._~+/=-]+$"

// Characters that do not show as themselves.
const hiddenForm = "[\\x{0}-\\x{1f}\\x{7f}-\\x{a0}\\x{ad}\\x{34f}\\x{600}-\\x{605}\\x{61c}\\x{6dd}\\x{70f}\\x{890}-\\x{891}\\x{8e2}\\x{115f}-\\x{1160}\\x{1680}\\x{17b4}-\\x{17b5}\\x{180b}-\\x{180f}\\x{2000}-\\x{200f}\\x{2028}-\\x{202f}\\x{205f}-\\x{206f}\\x{2800}\\x{3000}\\x{3164}\\x{fe00}-\\x{fe0f}\\x{feff}\\x{ffa0}\\x{fff0}-\\x{fffb}\\x{110bd}\\x{110cd}\\x{13430}-\\x{1343f}\\x{1bca0}-\\x{1bca3}\\x{1d173}-\\x{1d17a}\\x{e0000}-\\x{e0fff}]"

var calls = map[string]callFacts{
	"login": {
		method:    "POST",
		path:      "/api/member/login",
		fields:    []string{"user_id", "token", "platform", "language", "currency", "game_code", "callback", "limits", "custom_language"},
		signed:    map[string][]string{"signed": []string{"agent_id", "callback", "currency", "game_code", "language", "platform", "timestamp", "token", "user_id"}, "unsigned": []string{"agent_id", "currency", "game_code", "language", "platform", "timestamp", "token", "user_id"}},
		clearable: []string{},
		answers:   map[string]string{"url": "string", "token": "string"},
	},
	"create": {
		method:    "POST",
		path:      "/api/member/create",
		fields:    []string{"user_id", "user_name", "desc"},
		signed:    map[string][]string{"signed": []string{"agent_id", "desc", "timestamp", "user_id", "user_name"}, "unsigned": []string{"agent_id", "desc", "timestamp", "user_id", "user_name"}},
		clearable: []string{},
		answers:   map[string]string{},
	},
	"update": {
		method:    "POST",
		path:      "/api/member/update",
		fields:    []string{"user_id", "user_name", "desc"},
		signed:    map[string][]string{"signed": []string{"agent_id", "desc", "timestamp", "user_id", "user_name"}, "unsigned": []string{"agent_id", "desc", "timestamp", "user_id", "user_name"}},
		clearable: []string{"desc"},
		answers:   map[string]string{},
	},
	"lock": {
		method:    "POST",
		path:      "/api/member/lock",
		fields:    []string{"user_id", "status"},
		signed:    map[string][]string{"signed": []string{"agent_id", "status", "timestamp", "user_id"}, "unsigned": []string{"agent_id", "status", "timestamp", "user_id"}},
		clearable: []string{},
		answers:   map[string]string{},
	},
	"logout": {
		method:    "POST",
		path:      "/api/member/logout",
		fields:    []string{"user_id"},
		signed:    map[string][]string{"signed": []string{"agent_id", "timestamp", "user_id"}, "unsigned": []string{"agent_id", "timestamp", "user_id"}},
		clearable: []string{},
		answers:   map[string]string{},
	},
	"guest_login": {
		method:    "POST",
		path:      "/api/guest/login",
		fields:    []string{"platform", "language", "currency", "game_code", "amount", "callback"},
		signed:    map[string][]string{"signed": []string{"agent_id", "amount", "callback", "currency", "game_code", "language", "platform", "timestamp"}, "unsigned": []string{"agent_id", "amount", "callback", "currency", "game_code", "language", "platform", "timestamp"}},
		clearable: []string{},
		answers:   map[string]string{"url": "string", "token": "string"},
	},
	"game_list": {
		method:    "GET",
		path:      "/api/game/list",
		fields:    []string{"game_id"},
		signed:    map[string][]string{"signed": []string{"agent_id", "game_id", "timestamp"}, "unsigned": []string{"agent_id", "game_id", "timestamp"}},
		clearable: []string{},
		answers:   map[string]string{"list": "array"},
	},
	"limit_list": {
		method:    "GET",
		path:      "/api/red/limit/list",
		fields:    []string{"game_id", "currency"},
		signed:    map[string][]string{"signed": []string{"agent_id", "currency", "game_id", "timestamp"}, "unsigned": []string{"agent_id", "currency", "game_id", "timestamp"}},
		clearable: []string{},
		answers:   map[string]string{"list": "array"},
	},
}

var memberCodes = []codeFacts{
	{code: "408000", status: 421, key: "host_not_served", retry: "fix", cure: "Use the URL that the operator gave you. Operators: let the proxy pass Host on, or list the name in ALLOWED_HOSTS."},
	{code: "408000", status: 415, key: "unsupported_media_type", retry: "fix", cure: "Send Content-Type: application/json and no Content-Encoding."},
	{code: "408000", status: 413, key: "body_too_large", retry: "fix", cure: "Send only the fields of the call."},
	{code: "408000", status: 405, key: "method_not_allowed", retry: "fix", cure: "Use the method that the Allow header names."},
	{code: "408000", status: 404, key: "path_not_found", retry: "fix", cure: "Compare the path with the reference; paths are case sensitive and have no trailing slash."},
	{code: "408000", status: 0, key: "invalid_parameter", retry: "fix", cure: "The message names the field and its rule."},
	{code: "408003", status: 0, key: "address_not_allowed", retry: "fix", cure: "Ask the operator to add the address in the message."},
	{code: "408004", status: 503, key: "queue_full", retry: "later", cure: "Wait for Retry-After seconds, then repeat the same request."},
	{code: "408004", status: 0, key: "rate_limited", retry: "later", cure: "Wait for Retry-After seconds, then repeat the same request."},
	{code: "600100", status: 0, key: "bad_signature", retry: "fix", cure: "Compare your canonical string with `lobbykey sign`, or let `lobbykey explain` name the mistake."},
	{code: "700101", status: 0, key: "merchant_not_found", retry: "fix", cure: "Check agent_id; it is case sensitive."},
	{code: "700102", status: 0, key: "member_exists", retry: "no", cure: "Nothing, or use update."},
	{code: "700103", status: 0, key: "member_not_found", retry: "fix", cure: "Create the member first."},
	{code: "700105", status: 503, key: "lock_failed", retry: "later", cure: "Repeat the same request after Retry-After; repeating is safe."},
	{code: "700106", status: 503, key: "store_unavailable", retry: "later", cure: "Repeat the same request after Retry-After; repeating is safe."},
	{code: "700106", status: 500, key: "internal", retry: "later", cure: "Try again later; give the operator the X-Request-Id."},
	{code: "700106", status: 0, key: "login_refused", retry: "fix", cure: "Generate a new random token and sign again."},
	{code: "700108", status: 0, key: "member_locked", retry: "no", cure: "Unlock the member: set a status that allows logins."},
	{code: "700208", status: 0, key: "currency_not_allowed", retry: "fix", cure: "Use a currency that is set up for the merchant."},
	{code: "700270", status: 0, key: "bet_limits", retry: "fix", cure: "The message names the key and the ID. Choose from the bet-limit list, in its order."},
}

var sellerCodes = []codeFacts{
	{code: "10001", status: 405, key: "method_not_allowed", retry: "fix", cure: "Use the method that the Allow header names."},
	{code: "10001", status: 404, key: "path_not_found", retry: "fix", cure: "Compare the path with the reference; paths are case sensitive and have no trailing slash."},
	{code: "10002", status: 415, key: "unsupported_media_type", retry: "fix", cure: "Send Content-Type: application/json and no Content-Encoding."},
	{code: "10002", status: 413, key: "body_too_large", retry: "fix", cure: "Send only the fields of the call."},
	{code: "10002", status: 400, key: "invalid_body", retry: "fix", cure: "Send one JSON object in UTF-8, each key once. The message says what is wrong."},
	{code: "10003", status: 401, key: "seller_signature_invalid", retry: "fix", cure: "Does not occur today."},
	{code: "10004", status: 503, key: "store_unavailable", retry: "later", cure: "Repeat the same request after Retry-After; repeating is safe."},
	{code: "10005", status: 421, key: "host_not_served", retry: "fix", cure: "Use the URL that the operator gave you. Operators: let the proxy pass Host on, or list the name in ALLOWED_HOSTS."},
	{code: "10005", status: 400, key: "invalid_parameter", retry: "fix", cure: "The message names the field and its rule."},
	{code: "10006", status: 401, key: "bad_credentials", retry: "fix", cure: "Check both; if they are right, ask the operator whether the account is enabled and unlocked."},
	{code: "10007", status: 429, key: "throttled", retry: "later", cure: "Wait for Retry-After seconds."},
	{code: "10008", status: 401, key: "access_token_invalid", retry: "login", cure: "Send Authorization: Bearer with the accessToken of the last login or refresh."},
	{code: "10009", status: 401, key: "access_token_expired", retry: "login", cure: "Refresh, then repeat the call."},
	{code: "10010", status: 401, key: "access_token_revoked", retry: "login", cure: "Log in again."},
	{code: "10011", status: 401, key: "refresh_token_invalid", retry: "login", cure: "Log in again; keep only the newest refresh token."},
	{code: "10012", status: 503, key: "login_busy", retry: "later", cure: "Wait for Retry-After seconds. Reuse your token instead of logging in for each call."},
	{code: "10013", status: 401, key: "reset_token_invalid", retry: "no", cure: "Ask the operator for a new link."},
	{code: "10099", status: 500, key: "internal", retry: "later", cure: "Try again later; give the operator the X-Request-Id."},
}

var algorithms = map[string]algorithmFacts{
	"md5":         {hash: "md5", keyUse: "key-in-text"},
	"hmac-sha256": {hash: "sha256", keyUse: "hmac"},
}

// The published example.
const vectorKey = "l4gnD61pz4arJyv8"

var vectorFields = map[string]any{
	"agent_id":  "agent001",
	"user_id":   "testUid03",
	"user_name": "testUser",
	"desc":      "a test user",
	"timestamp": 1734486159402,
}

var vectorDigests = map[string]string{
	"md5":         "9d356beca8874e340721cc3e269863bd",
	"hmac-sha256": "8731c9be76a30e717e6fafee5e93197029376872b074e058bcd67fd677b94b81",
}

package lobbykey

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	cryptorand "crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"log"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fields of a call under the names of the API's own documents; agent_id, timestamp and sign are added.
type Fields map[string]any

// MerchantOptions sets up a MerchantClient. BaseURL, AgentID and Key are needed.
type MerchantOptions struct {
	// BaseURL of the gateway. A path is kept: a proxy may serve the gateway below one.
	BaseURL string
	AgentID string
	// Key stays in the client.
	Key string
	// Algorithm set by the operator for each merchant: md5 (default) or hmac-sha256.
	Algorithm string
	// Callback says whether login's callback is signed, set by the operator for each merchant: unsigned (default) or signed.
	Callback string
	// Debug gets each request as text, without key, token or whole signature.
	Debug func(text string)
	// Warn is called once when this machine's clock is wrong; default log.Print.
	Warn       func(text string)
	HTTPClient *http.Client
	Patience
}

// Format is for logs: no key is in it.
func (o MerchantOptions) Format(state fmt.State, _ rune) {
	fmt.Fprintf(state, "MerchantOptions(%s, %s)", o.BaseURL, o.AgentID)
}

// MerchantClient calls the member API. It may be used from many goroutines at once.
type MerchantClient struct {
	options       MerchantOptions
	client        *http.Client
	mutex         sync.Mutex
	clockOffset   int64
	lastTimestamp int64
	lastText      string
	isClockTold   bool
	isProven      bool
	// Whether a login with a callback went well.
	isCallbackProven bool
}

// Launch is where to send the member's app.
type Launch struct {
	URL       string `json:"url"`
	Token     string `json:"token"`
	RequestID string `json:"-"`
}

// NewMerchantClient refuses options that no gateway has.
func NewMerchantClient(options MerchantOptions) (*MerchantClient, error) {
	if options.Algorithm == "" {
		options.Algorithm = "md5"
	}
	if options.Callback == "" {
		options.Callback = "unsigned"
	}
	if _, isKnown := hashes[algorithms[options.Algorithm].hash]; !isKnown {
		return nil, fmt.Errorf("lobbykey: there is no algorithm %q", options.Algorithm)
	}
	if options.Callback != "unsigned" && options.Callback != "signed" {
		return nil, fmt.Errorf("lobbykey: Callback is unsigned or signed, not %q", options.Callback)
	}
	if options.AgentID == "" || options.Key == "" {
		return nil, errors.New("lobbykey: AgentID and Key must not be empty")
	}
	baseURL, err := checkedBaseURL(options.BaseURL)
	if err != nil {
		return nil, err
	}
	options.BaseURL = baseURL
	if options.Warn == nil {
		options.Warn = func(text string) { log.Print(text) }
	}
	options.Patience = options.Patience.orDefaults()
	return &MerchantClient{options: options, client: newHTTPClient(options.HTTPClient)}, nil
}

// String is for logs: no key is in it.
func (c *MerchantClient) String() string {
	return fmt.Sprintf("MerchantClient(%s, %s)", c.options.BaseURL, c.options.AgentID)
}

// GoString is String, so that %#v shows no key.
func (c *MerchantClient) GoString() string { return c.String() }

// Format keeps the key out of every verb of fmt.
func (c *MerchantClient) Format(state fmt.State, _ rune) { fmt.Fprint(state, c.String()) }

// Login logs a member in. Makes a session token unless one is given.
func (c *MerchantClient) Login(ctx context.Context, fields Fields) (*Launch, error) {
	given := Fields{}
	for name, value := range fields {
		given[name] = value
	}
	if token := given["token"]; token == nil || token == "" {
		given["token"] = newToken()
	}
	return c.launch(ctx, "login", given)
}

// GuestLogin logs a guest in.
func (c *MerchantClient) GuestLogin(ctx context.Context, fields Fields) (*Launch, error) {
	return c.launch(ctx, "guest_login", fields)
}

// Create, Update, Lock and Logout answer the request's ID.
func (c *MerchantClient) Create(ctx context.Context, fields Fields) (string, error) {
	return c.Call(ctx, "create", fields, nil)
}

// Update changes a member; an empty desc clears it.
func (c *MerchantClient) Update(ctx context.Context, fields Fields) (string, error) {
	return c.Call(ctx, "update", fields, nil)
}

// Lock sets a member's status.
func (c *MerchantClient) Lock(ctx context.Context, fields Fields) (string, error) {
	return c.Call(ctx, "lock", fields, nil)
}

// Logout ends a member's sessions.
func (c *MerchantClient) Logout(ctx context.Context, fields Fields) (string, error) {
	return c.Call(ctx, "logout", fields, nil)
}

// Games reads the game list into list, a pointer to what the API answers as data.
func (c *MerchantClient) Games(ctx context.Context, fields Fields, list any) (string, error) {
	return c.Call(ctx, "game_list", fields, list)
}

// Limits reads the bet-limit list into list, a pointer to what the API answers as data.
func (c *MerchantClient) Limits(ctx context.Context, fields Fields, list any) (string, error) {
	return c.Call(ctx, "limit_list", fields, list)
}

// ExplainText is the exact text that was hashed for the last call, with KEY for the key. It holds the session token: no log may.
func (c *MerchantClient) ExplainText() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.lastText
}

func (c *MerchantClient) launch(ctx context.Context, name string, fields Fields) (*Launch, error) {
	launch := &Launch{}
	requestID, err := c.Call(ctx, name, fields, launch)
	if err != nil {
		return nil, err
	}
	launch.RequestID = requestID
	return launch, nil
}

// Call makes any signed call by its name in the contract, reads its data into data unless nil, and gives the request's ID.
func (c *MerchantClient) Call(ctx context.Context, name string, given Fields, data any) (string, error) {
	fields, err := c.fieldsOf(name, given)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Deadline)
	defer cancel()
	requestID, err := c.send(ctx, name, c.signed(name, fields), data)
	// Refused for its time alone, so nothing has taken effect: a new signature with the gateway's time is safe.
	if failure, isOurs := err.(*Error); isOurs && c.setClock(failure) {
		return c.send(ctx, name, c.signed(name, fields), data)
	}
	return requestID, err
}

// fieldsOf leaves out what is empty, and makes every value the text that is signed.
func (c *MerchantClient) fieldsOf(name string, given Fields) (Fields, error) {
	facts, isKnown := calls[name]
	if !isKnown {
		return nil, invalidField(name + " is no call")
	}
	fields := Fields{"agent_id": c.options.AgentID}
	for field, value := range given {
		if !contains(facts.fields, field) {
			return nil, invalidField(fmt.Sprintf("%s is no field of %s; it takes %s", field, name, strings.Join(facts.fields, ", ")))
		}
		switch value := value.(type) {
		case nil:
		case map[string]string:
			if len(value) > 0 {
				fields[field] = value
			}
		case map[string]any:
			if len(value) > 0 {
				fields[field] = value
			}
		default:
			if text := fmt.Sprint(value); text != "" || contains(facts.clearable, field) {
				fields[field] = text
			}
		}
	}
	return fields, nil
}

func (c *MerchantClient) signed(name string, fields Fields) Fields {
	timed := Fields{"timestamp": c.timestampFor(fields)}
	for field, value := range fields {
		timed[field] = value
	}
	canonical := c.canonicalOf(name, timed)
	c.mutex.Lock()
	c.lastText = c.textOf(canonical, "KEY")
	c.mutex.Unlock()
	timed["sign"] = c.digestOf(canonical, c.options.Key)
	return timed
}

// timestampFor never gives one time twice: two calls alike in one millisecond would be one signed request. A session token tells logins apart.
func (c *MerchantClient) timestampFor(fields Fields) int64 {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	now := time.Now().UnixMilli() + c.clockOffset
	if _, hasToken := fields["token"]; hasToken {
		return now
	}
	if now <= c.lastTimestamp {
		now = c.lastTimestamp + 1
	}
	c.lastTimestamp = now
	return now
}

func (c *MerchantClient) canonicalOf(name string, fields Fields) string {
	var pairs []string
	for _, field := range calls[name].signed[c.options.Callback] {
		if value, isThere := fields[field]; isThere && value != "" {
			pairs = append(pairs, fmt.Sprintf("%s=%v", field, value))
		}
	}
	return strings.Join(pairs, "&")
}

func (c *MerchantClient) textOf(canonical, key string) string {
	if algorithms[c.options.Algorithm].keyUse == "hmac" {
		return canonical
	}
	return key + "&" + canonical
}

// By the contract's name.
var hashes = map[string]func() hash.Hash{"md5": md5.New, "sha256": sha256.New}

func (c *MerchantClient) digestOf(canonical, key string) string {
	facts := algorithms[c.options.Algorithm]
	digest := hashes[facts.hash]()
	if facts.keyUse == "hmac" {
		digest = hmac.New(hashes[facts.hash], []byte(key))
	}
	digest.Write([]byte(c.textOf(canonical, key)))
	return hex.EncodeToString(digest.Sum(nil))
}

func (c *MerchantClient) send(ctx context.Context, name string, fields Fields, data any) (string, error) {
	facts := calls[name]
	if c.options.Debug != nil {
		c.options.Debug(c.describe(name, fields))
	}
	address, body := c.options.BaseURL+facts.path, []byte(nil)
	if facts.method == http.MethodGet {
		query := url.Values{}
		for field, value := range fields {
			query.Set(field, fmt.Sprint(value))
		}
		address += "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
	} else {
		body = marshal(fields)
	}
	return repeat(ctx, c.options.Patience, func(ctx context.Context) (string, error) {
		request, err := http.NewRequestWithContext(ctx, facts.method, address, bytes.NewReader(body))
		if err != nil {
			return "", err
		}
		if body != nil {
			request.Header.Set("Content-Type", "application/json")
		}
		answer, err := exchange(c.client, request)
		if err != nil {
			return "", err
		}
		if answer.code != "200" {
			failure := errorOf(memberCodes, answer)
			if answer.code == "600100" {
				failure.WhatToDo = c.whyRefused(name, fields)
			}
			return "", failure
		}
		c.mutex.Lock()
		c.isProven = true
		_, hasCallback := fields["callback"]
		c.isCallbackProven = c.isCallbackProven || name == "login" && hasCallback
		c.mutex.Unlock()
		if err := check(answer, facts.answers); err != nil {
			return "", err
		}
		if data != nil && len(facts.answers) > 0 {
			if err := json.Unmarshal(answer.data, data); err != nil {
				return "", err
			}
		}
		return answer.header.Get("X-Request-Id"), nil
	})
}

var quotes = regexp.MustCompile(`^(".*"|'.*')$`)
var loopback = regexp.MustCompile(`^https?://(localhost|127\.|\[::1\])`)

// whyRefused is what code 600100 cannot tell: the likeliest reason, from what this side knows. It never holds the key.
func (c *MerchantClient) whyRefused(name string, fields Fields) string {
	key, algorithm, callback := c.options.Key, c.options.Algorithm, c.options.Callback
	c.mutex.Lock()
	isProven, isCallbackProven := c.isProven, c.isCallbackProven
	c.mutex.Unlock()
	_, hasCallback := fields["callback"]
	isCallbackInDoubt := name == "login" && hasCallback && !isCallbackProven
	other := "signed"
	if callback == "signed" {
		other = "unsigned"
	}
	change := fmt.Sprintf("your profile has callback '%s' and this client '%s': create it with Callback '%s', or ask the operator.", other, callback, other)
	switch {
	case c.digestOf(c.canonicalOf("create", vectorFields), vectorKey) != vectorDigests[algorithm]:
		return "This program computes a wrong " + algorithm + ": even the published example comes out wrong."
	case key != strings.TrimSpace(key):
		return "The key begins or ends with white space: remove it. Often it is the line break at the end of a file."
	case quotes.MatchString(key):
		return "The key is in quotes: remove them."
	case key == vectorKey && !loopback.MatchString(c.options.BaseURL):
		return "The key is the published example's, which only a sandbox has: use your own."
	case isProven && isCallbackInDoubt:
		return "Key and algorithm worked before, so likely " + change
	case isProven:
		return "Such calls succeeded before: likely the operator has replaced the key or changed your profile."
	}
	likely := fmt.Sprintf("Likely the key is another environment's, or your profile has another algorithm than '%s': compare both with the operator. The text is signed as the published example is.", algorithm)
	if isCallbackInDoubt {
		likely += " If a login without callback succeeds, " + change
	}
	return likely
}

var clockPattern = regexp.MustCompile(serverClock)

// setClock says whether the answer told the gateway's time.
func (c *MerchantClient) setClock(failure *Error) bool {
	told := clockPattern.FindStringSubmatch(failure.Said)
	if failure.Code != "408000" || told == nil {
		return false
	}
	now, _ := strconv.ParseInt(told[1], 10, 64)
	c.mutex.Lock()
	c.clockOffset = now - time.Now().UnixMilli()
	c.lastTimestamp = 0
	offset, isTold := c.clockOffset, c.isClockTold
	c.isClockTold = true
	c.mutex.Unlock()
	if !isTold {
		way := "ahead of"
		if offset > 0 {
			way = "behind"
		}
		c.options.Warn(fmt.Sprintf("This machine's clock is %.0f s %s the gateway's. The client corrects for it; set the clock all the same.", math.Abs(float64(offset))/1000, way))
	}
	return true
}

func (c *MerchantClient) describe(name string, fields Fields) string {
	shown := Fields{}
	for field, value := range fields {
		shown[field] = value
	}
	if _, hasToken := shown["token"]; hasToken {
		shown["token"] = "TOKEN"
	}
	hashed := c.textOf(c.canonicalOf(name, shown), "KEY")
	shown["sign"] = fmt.Sprint(fields["sign"])[:4] + "…"
	facts := calls[name]
	return fmt.Sprintf("%s %s%s\n%s\n%s of %s", facts.method, c.options.BaseURL, facts.path, marshal(shown), c.options.Algorithm, hashed)
}

func newToken() string {
	random := make([]byte, 21)
	if _, err := cryptorand.Read(random); err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(random)
}

// marshal writes texts as they are, without escapes for HTML.
func marshal(value any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return bytes.TrimSpace(buffer.Bytes())
}

func contains(names []string, wanted string) bool {
	for _, name := range names {
		if name == wanted {
			return true
		}
	}
	return false
}

func invalidField(said string) *Error {
	return &Error{Key: "invalid_parameter", RetryAfter: -1, Said: said, WhatToDo: "Correct the call; nothing was sent."}
}

package lobbykey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Tokens of a seller as a storage keeps them. They open the account: keep them as you keep a password.
type Tokens struct {
	AccessToken  string `json:"accessToken"`
	RefreshToken string `json:"refreshToken"`
	// IssuedAt and ExpiresAt are milliseconds of this machine's clock.
	IssuedAt  int64 `json:"issuedAt"`
	ExpiresAt int64 `json:"expiresAt"`
}

// Format is for logs: no token is in it.
func (t Tokens) Format(state fmt.State, _ rune) {
	fmt.Fprintf(state, "Tokens(until %d)", t.ExpiresAt)
}

// TokenStorage is where tokens are kept, for one process or for several that share one login.
type TokenStorage interface {
	// Read gives nil where nothing is kept.
	Read(ctx context.Context) (*Tokens, error)
	// Write forgets what is kept where tokens is nil.
	Write(ctx context.Context, tokens *Tokens) error
	// Exclusively runs the work while nobody else of the same storage does; the context bounds how long it waits for that.
	Exclusively(ctx context.Context, work func() error) error
}

// SellerOptions sets up a SellerClient: BaseURL, and Email with Password or RefreshToken.
type SellerOptions struct {
	// BaseURL of the gateway. A path is kept: a proxy may serve the gateway below one.
	BaseURL      string
	Email        string
	Password     string
	RefreshToken string
	// Storage of the tokens; default the client's memory. Processes that share a storage share one login.
	Storage TokenStorage
	// Warn is called once with the gateway's advice about tokens; default log.Print.
	Warn       func(text string)
	HTTPClient *http.Client
	Patience
}

var (
	tokenTypes    = map[string]string{"accessToken": "access token", "refreshToken": "string", "expiresIn": "integer"}
	identityTypes = map[string]string{"sellerId": "string", "email": "string", "expiresAt": "string"}
)

// Share of an access token's life after which it is renewed: between these two, by chance, so that processes do not do it at once.
const renewFrom, renewTo = 0.75, 0.9

// SellerClient logs in once for all goroutines that ask, renews tokens before they expire, and logs in again when the login has ended.
type SellerClient struct {
	options           SellerOptions
	client            *http.Client
	firstRefreshToken string
	// renewal is held by whoever renews. A channel, as nobody waits for it longer than a call may take.
	renewal chan struct{}
	mutex   sync.Mutex
	tokens  *Tokens
	// By the clock that can be set, and by the one that cannot.
	renewAt          time.Time
	renewAtMonotonic time.Time
	stop             *Error
	stopUntil        time.Time
	isAdvised        bool
}

// SellerIdentity is whose the token is.
type SellerIdentity struct {
	SellerID  string `json:"sellerId"`
	Email     string `json:"email"`
	ExpiresAt string `json:"expiresAt"`
}

// NewSellerClient makes a client that has asked nobody yet, and refuses options that no login comes from.
func NewSellerClient(options SellerOptions) (*SellerClient, error) {
	baseURL, err := checkedBaseURL(options.BaseURL)
	if err != nil {
		return nil, err
	}
	options.BaseURL = baseURL
	if !options.hasPassword() && options.RefreshToken == "" {
		return nil, errors.New("lobbykey: Email and Password, or RefreshToken, must be given")
	}
	options.Patience = options.Patience.orDefaults()
	if options.Storage == nil {
		options.Storage = &memoryStorage{}
	}
	if options.Warn == nil {
		options.Warn = func(text string) { log.Print(text) }
	}
	return &SellerClient{
		options:           options,
		client:            newHTTPClient(options.HTTPClient),
		firstRefreshToken: options.RefreshToken,
		renewal:           make(chan struct{}, 1),
	}, nil
}

// Format is for logs: no password is in it.
func (o SellerOptions) Format(state fmt.State, _ rune) {
	fmt.Fprintf(state, "SellerOptions(%s, %s)", o.BaseURL, o.Email)
}

func (o SellerOptions) hasPassword() bool { return o.Email != "" && o.Password != "" }

// Format keeps password and tokens out of every verb of fmt.
func (c *SellerClient) Format(state fmt.State, _ rune) {
	fmt.Fprintf(state, "SellerClient(%s, %s)", c.options.BaseURL, c.options.Email)
}

// Fetch sends a request with the access token; the path is below BaseURL. What only reads is sent again while the gateway is away. The
// caller closes the answer's body.
func (c *SellerClient) Fetch(ctx context.Context, method, path string, header http.Header, body []byte) (*http.Response, error) {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return nil, errors.New("lobbykey: a path begins with one slash: the access token goes to BaseURL only")
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Deadline)
	defer cancel()
	tokens, err := c.good(ctx)
	if err != nil {
		return nil, err
	}
	answer, err := c.sendPatiently(ctx, method, path, header, body, tokens)
	if err != nil {
		return nil, err
	}
	if answer.status == http.StatusUnauthorized && contains([]string{"10008", "10009", "10010"}, answer.code) {
		if tokens, err = c.renew(ctx, tokens, answer.code == "10009"); err != nil {
			return nil, err
		}
		if answer, err = c.sendPatiently(ctx, method, path, header, body, tokens); err != nil {
			return nil, err
		}
	}
	return &http.Response{
		StatusCode: answer.status,
		Status:     fmt.Sprintf("%d %s", answer.status, http.StatusText(answer.status)),
		Header:     answer.header,
		Body:       io.NopCloser(bytes.NewReader(answer.body)),
		// As it was read: what came packed is unpacked.
		ContentLength: int64(len(answer.body)),
	}, nil
}

// Me says whose the token is.
func (c *SellerClient) Me(ctx context.Context) (*SellerIdentity, error) {
	response, err := c.Fetch(ctx, http.MethodGet, sellerPath+"/me", nil, nil)
	if err != nil {
		return nil, err
	}
	body, _ := io.ReadAll(response.Body)
	answer := answerOf(response.StatusCode, response.Header, body)
	if answer.code != "0000" {
		return nil, errorOf(sellerCodes, answer)
	}
	if err := check(answer, identityTypes); err != nil {
		return nil, err
	}
	identity := &SellerIdentity{}
	return identity, json.Unmarshal(answer.data, identity)
}

// AccessToken is a valid one, for requests that you send yourself.
func (c *SellerClient) AccessToken(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Deadline)
	defer cancel()
	tokens, err := c.good(ctx)
	if err != nil {
		return "", err
	}
	return tokens.AccessToken, nil
}

// Logout ends the login, for every process that shares it.
func (c *SellerClient) Logout(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.options.Deadline)
	defer cancel()
	tokens := c.known()
	if tokens == nil {
		stored, err := c.options.Storage.Read(ctx)
		if err != nil || stored == nil {
			return err
		}
		tokens = stored
	}
	_, err := c.call(ctx, "logout", http.Header{"Authorization": {"Bearer " + tokens.AccessToken}}, nil, nil)
	if failure, isOurs := err.(*Error); err != nil && !(isOurs && failure.Status == http.StatusUnauthorized) {
		return err
	}
	if err := c.options.Storage.Write(ctx, nil); err != nil {
		return err
	}
	c.mutex.Lock()
	c.tokens = nil
	c.mutex.Unlock()
	return nil
}

func (c *SellerClient) known() *Tokens {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.tokens
}

// current is nil where tokens are to be renewed first. A clock that was set back makes no old token new.
func (c *SellerClient) current() *Tokens {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if now := time.Now(); c.tokens != nil && now.Round(0).Before(c.renewAt) && now.Before(c.renewAtMonotonic) {
		return c.tokens
	}
	return nil
}

func (c *SellerClient) good(ctx context.Context) (*Tokens, error) {
	if tokens := c.current(); tokens != nil {
		return tokens, nil
	}
	return c.renew(ctx, nil, true)
}

// renew gets better tokens than the ones refused, or than those whose time has come. One renewal serves all who wait.
func (c *SellerClient) renew(ctx context.Context, refused *Tokens, isRefreshable bool) (*Tokens, error) {
	select {
	case c.renewal <- struct{}{}:
		defer func() { <-c.renewal }()
	case <-ctx.Done():
		return nil, tokensBusy()
	}
	if current := c.current(); current != nil && current != refused {
		return current, nil
	}
	known := c.known()
	old := refused
	if old == nil {
		old = known
	}
	var tokens *Tokens
	err := c.options.Storage.Exclusively(ctx, func() error {
		var err error
		tokens, err = c.renewOnce(ctx, old, isRefreshable)
		return err
	})
	// Renewal came early: the token is still good, and the next call tries again.
	if failure, isOurs := err.(*Error); isOurs && failure.MayRepeat && refused == nil && known != nil && time.Now().UnixMilli() < known.ExpiresAt {
		return known, nil
	}
	return tokens, err
}

func (c *SellerClient) renewOnce(ctx context.Context, old *Tokens, isRefreshable bool) (*Tokens, error) {
	stored, err := c.options.Storage.Read(ctx)
	if err != nil {
		return nil, err
	}
	// Another process was faster.
	if stored != nil && (old == nil || stored.AccessToken != old.AccessToken) && isFresh(stored) {
		return c.use(stored), nil
	}
	refreshToken := c.firstRefreshToken
	if stored != nil {
		refreshToken = stored.RefreshToken
	}
	var tokens *Tokens
	if refreshToken != "" && isRefreshable {
		if tokens, err = c.refresh(ctx, refreshToken); err != nil {
			return nil, err
		}
	}
	if tokens == nil {
		if tokens, err = c.login(ctx); err != nil {
			return nil, err
		}
	}
	// Used before they are written: a full disk costs a call, not a login a call.
	return c.use(tokens), c.options.Storage.Write(ctx, tokens)
}

// refresh gives nil where the login behind the token is over.
func (c *SellerClient) refresh(ctx context.Context, refreshToken string) (*Tokens, error) {
	tokens, err := c.tokenCall(ctx, "refresh", map[string]string{"refreshToken": refreshToken})
	if failure, isOurs := err.(*Error); isOurs && (failure.Code == "10010" || failure.Code == "10011") {
		c.firstRefreshToken = ""
		if c.options.hasPassword() {
			return nil, nil
		}
	}
	return tokens, err
}

func (c *SellerClient) login(ctx context.Context) (*Tokens, error) {
	if !c.options.hasPassword() {
		return nil, &Error{
			Key:        "refresh_token_invalid",
			RetryAfter: -1,
			Said:       "The login has ended, and there is no e-mail and password for a new one",
			WhatToDo:   "Log in again, and give the client the new refresh token.",
		}
	}
	if c.stop != nil && (c.stopUntil.IsZero() || time.Now().Before(c.stopUntil)) {
		return nil, c.stop
	}
	tokens, err := c.tokenCall(ctx, "login", map[string]string{"email": c.options.Email, "password": c.options.Password})
	if failure, isOurs := err.(*Error); isOurs && (failure.Code == "10006" || failure.Code == "10007") {
		c.stop, c.stopUntil = failure, time.Time{}
		if failure.Code == "10007" {
			c.stopUntil = time.Now().Add(failure.RetryAfter)
		}
	}
	return tokens, err
}

func (c *SellerClient) tokenCall(ctx context.Context, name string, fields map[string]string) (*Tokens, error) {
	issuedAt := time.Now().UnixMilli()
	data, err := c.call(ctx, name, http.Header{"Content-Type": {"application/json"}}, marshal(fields), tokenTypes)
	if err != nil {
		return nil, err
	}
	var pair struct {
		AccessToken  string
		RefreshToken string
		ExpiresIn    int64
	}
	if err := json.Unmarshal(data, &pair); err != nil {
		return nil, err
	}
	return &Tokens{pair.AccessToken, pair.RefreshToken, issuedAt, issuedAt + pair.ExpiresIn*1000}, nil
}

func (c *SellerClient) call(ctx context.Context, name string, header http.Header, body []byte, types map[string]string) (json.RawMessage, error) {
	return repeat(ctx, c.options.Patience, func(ctx context.Context) (json.RawMessage, error) {
		answer, err := c.send(ctx, http.MethodPost, sellerPath+"/"+name, header, body)
		if err != nil {
			return nil, err
		}
		if answer.code != "0000" {
			failure := errorOf(sellerCodes, answer)
			// 10007 is for whoever asks to wait out, not for another attempt.
			failure.MayRepeat = failure.MayRepeat && failure.Code != "10007"
			return nil, failure
		}
		if advice := answer.header.Get("X-Token-Advice"); advice != "" && c.firstAdvice() {
			c.options.Warn("The gateway advises: " + escapeHidden(advice) + ". Let the processes of this account share one storage.")
		}
		return answer.data, check(answer, types)
	})
}

// firstAdvice: a logout may be under way beside a renewal.
func (c *SellerClient) firstAdvice() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	isFirst := !c.isAdvised
	c.isAdvised = true
	return isFirst
}

func (c *SellerClient) send(ctx context.Context, method, path string, header http.Header, body []byte) (*answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.options.BaseURL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if header != nil {
		request.Header = header.Clone()
	}
	return exchange(c.client, request)
}

func (c *SellerClient) sendPatiently(ctx context.Context, method, path string, header http.Header, body []byte, tokens *Tokens) (*answer, error) {
	sent := http.Header{}
	if header != nil {
		sent = header.Clone()
	}
	sent.Set("Authorization", "Bearer "+tokens.AccessToken)
	if !contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, method) {
		return c.send(ctx, method, path, sent, body)
	}
	var last *answer
	result, err := repeat(ctx, c.options.Patience, func(ctx context.Context) (*answer, error) {
		result, err := c.send(ctx, method, path, sent, body)
		if err != nil {
			return nil, err
		}
		switch result.status {
		case 429, 502, 503, 504:
			last = result
			return nil, errorOf(sellerCodes, result)
		}
		return result, nil
	})
	if failure, isOurs := err.(*Error); isOurs && failure.Status != 0 && last != nil {
		return last, nil
	}
	return result, err
}

func (c *SellerClient) use(tokens *Tokens) *Tokens {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.tokens = tokens
	c.renewAt = renewalTime(tokens, renewFrom+rand.Float64()*(renewTo-renewFrom))
	c.renewAtMonotonic = time.Now().Add(time.Until(c.renewAt))
	return tokens
}

// isFresh says whether there is no need to renew yet. Tokens of the future were got before the clock was set back: nobody knows when.
func isFresh(tokens *Tokens) bool {
	now := time.Now()
	return tokens.IssuedAt <= now.UnixMilli() && now.Before(renewalTime(tokens, renewTo))
}

func renewalTime(tokens *Tokens, share float64) time.Time {
	return time.UnixMilli(tokens.IssuedAt + int64(float64(tokens.ExpiresAt-tokens.IssuedAt)*share))
}

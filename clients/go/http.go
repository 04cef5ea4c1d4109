// Package lobbykey has the clients of Lobbykey, the login gateway for game platforms and marketplaces: MerchantClient for the member API,
// SellerClient for the seller API. Standard library only.
package lobbykey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	pauseMax = 3 * time.Second
	// More than anybody has, and far from where a time.Duration overflows.
	patienceMax = 999_999_999 * time.Second
	// Far more than the gateway answers.
	bytesMax = 16 << 20
	// An error's text stays short, whoever answered.
	saidMax    = 500
	shownIDMax = 100
)

// Error is what went wrong, in words that say what to do. It never holds a key, a password or a token, and its text holds of what others wrote
// nothing that a terminal obeys.
type Error struct {
	// Code of the answer; empty when there was no answer of the gateway.
	Code string
	// Key to decide by: one of docs/errors.md, or not_reached, unexpected_answer or tokens_busy.
	Key string
	// Status of HTTP; 0 when no answer came.
	Status int
	// Said is what the gateway said, as it wrote it, or what happened.
	Said     string
	WhatToDo string
	// MayRepeat says whether the same call may succeed later, unchanged.
	MayRepeat bool
	// RequestID is the answer's X-Request-Id: for the operator when something needs looking into.
	RequestID string
	// RetryAfter is negative where the gateway does not ask to wait.
	RetryAfter time.Duration
	cause      error
}

func (e *Error) Error() string {
	text := e.Said + ". " + e.WhatToDo
	if e.RequestID != "" {
		text += " (request ID " + cut(e.RequestID, shownIDMax) + ")"
	}
	return escapeHidden(text)
}

// Unwrap gives the error of the connection, such as context.DeadlineExceeded.
func (e *Error) Unwrap() error { return e.cause }

// Patience bounds a call. Zero values stand for the defaults.
type Patience struct {
	// Deadline of a call with its repeats, 15 s.
	Deadline time.Duration
	// AttemptTimeout of one answer, 6 s.
	AttemptTimeout time.Duration
	// FirstPause before a repeat, 200 ms; pauses double, with jitter.
	FirstPause time.Duration
}

type callFacts struct {
	method, path string
	fields       []string
	signed       map[string][]string
	clearable    []string
	answers      map[string]string
}

type codeFacts struct {
	code   string
	status int
	key    string
	retry  string
	cure   string
}

type algorithmFacts struct{ hash, keyUse string }

type answer struct {
	status int
	header http.Header
	body   []byte
	// Parsed, where it is an envelope.
	code string
	said string
	data json.RawMessage
}

func (p Patience) orDefaults() Patience {
	if p.Deadline == 0 {
		p.Deadline = 15 * time.Second
	}
	if p.AttemptTimeout == 0 {
		p.AttemptTimeout = 6 * time.Second
	}
	if p.FirstPause == 0 {
		p.FirstPause = 200 * time.Millisecond
	}
	return p
}

// repeat does the work again while its error says that a repeat can help, until the context's deadline, which is counted once a call.
func repeat[T any](ctx context.Context, patience Patience, work func(context.Context) (T, error)) (T, error) {
	for most := patience.FirstPause; ; most *= 2 {
		attempt, done := context.WithTimeout(ctx, patience.AttemptTimeout)
		result, err := work(attempt)
		done()
		failure, isOurs := err.(*Error)
		if err == nil || !isOurs || !failure.MayRepeat {
			return result, err
		}
		if most > pauseMax {
			most = pauseMax
		}
		pause := most / 2
		if failure.RetryAfter >= 0 {
			pause = failure.RetryAfter
		}
		pause += time.Duration(rand.Int63n(int64(most)/2 + 1))
		if deadline, isSet := ctx.Deadline(); isSet && pause >= time.Until(deadline) {
			return result, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return result, err
		case <-timer.C:
		}
	}
}

func exchange(client *http.Client, request *http.Request) (*answer, error) {
	response, err := client.Do(request)
	if err != nil {
		return nil, notReached(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, bytesMax+1))
	if err != nil {
		return nil, notReached(err)
	}
	if len(body) > bytesMax {
		tooLarge := &answer{status: response.StatusCode, header: response.Header}
		return nil, unexpectedAnswer(tooLarge, fmt.Sprintf("The answer is larger than %d bytes", bytesMax), false)
	}
	return answerOf(response.StatusCode, response.Header, body), nil
}

func answerOf(status int, header http.Header, body []byte) *answer {
	result := &answer{status: status, header: header, body: body}
	var envelope struct {
		Code    json.RawMessage `json:"code"`
		Message string          `json:"message"`
		Msg     string          `json:"msg"`
		Data    json.RawMessage `json:"data"`
	}
	if json.Unmarshal(body, &envelope) == nil {
		result.code = string(bytes.Trim(envelope.Code, `"`))
		result.said = envelope.Message + envelope.Msg
		result.data = envelope.Data
	}
	return result
}

func notReached(err error) *Error {
	return &Error{
		Key:        "not_reached",
		RetryAfter: -1,
		Said:       fmt.Sprintf("The gateway did not answer (%T)", err),
		WhatToDo:   "Check BaseURL and the network; what was sent may have taken effect.",
		MayRepeat:  true,
		cause:      err,
	}
}

// errorOf is the failure that an answer tells by the codes of its API.
func errorOf(codes []codeFacts, answer *answer) *Error {
	row := findRow(codes, answer.code, answer.status)
	if row == nil || answer.said == "" {
		mayRepeat := answer.status >= 500 || answer.status == http.StatusTooManyRequests
		return unexpectedAnswer(answer, fmt.Sprintf("HTTP %d came, which is not an answer of the gateway", answer.status), mayRepeat)
	}
	failure := failureOf(answer)
	failure.Code, failure.Key, failure.WhatToDo = row.code, row.key, row.cure
	failure.Said = row.code + " " + cut(answer.said, saidMax)
	failure.MayRepeat = row.retry == "later"
	return failure
}

// check refuses a success that does not hold what the contract says: fields by their types of JSON, string, integer, array or access token.
func check(answer *answer, types map[string]string) error {
	names := make([]string, 0, len(types))
	for name := range types {
		names = append(names, name)
	}
	sort.Strings(names)
	data := map[string]json.RawMessage{}
	_ = json.Unmarshal(answer.data, &data)
	for _, name := range names {
		var err error
		switch value := data[name]; types[name] {
		case "string":
			err = json.Unmarshal(value, new(string))
		case "access token":
			var text string
			if err = json.Unmarshal(value, &text); err == nil && !accessTokenPattern.MatchString(text) {
				err = errors.New("no header can carry it")
			}
		case "integer":
			err = json.Unmarshal(value, new(int64))
		case "array":
			err = json.Unmarshal(value, new([]json.RawMessage))
		}
		if err != nil || string(data[name]) == "null" {
			return unexpectedAnswer(answer, "The answer is a success without "+name, false)
		}
	}
	return nil
}

func unexpectedAnswer(answer *answer, said string, mayRepeat bool) *Error {
	failure := failureOf(answer)
	failure.Key = "unexpected_answer"
	failure.Said = said
	failure.WhatToDo = "Check BaseURL; a proxy may have answered in the gateway's place."
	failure.MayRepeat = mayRepeat
	return failure
}

// tokensBusy: others renew the tokens, and this caller's time is over.
func tokensBusy() *Error {
	return &Error{
		Key:        "tokens_busy",
		RetryAfter: -1,
		Said:       "Another caller or process is renewing the tokens, and did not finish in time",
		WhatToDo:   "Call again; if this continues, look for a process that hangs while it holds the lock of the storage.",
		MayRepeat:  true,
	}
}

func failureOf(answer *answer) *Error {
	return &Error{Status: answer.status, RequestID: answer.header.Get("X-Request-Id"), RetryAfter: retryAfterOf(answer.header)}
}

var digits = regexp.MustCompile(`^[0-9]+$`)

// retryAfterOf is how long the gateway, or a proxy before it, asks to wait: seconds or a date. Negative for what is neither.
func retryAfterOf(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if digits.MatchString(text) {
		if len(text) >= 10 {
			return patienceMax
		}
		seconds, _ := strconv.ParseInt(text, 10, 64)
		return time.Duration(seconds) * time.Second
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return -1
	}
	// By the clock of whoever wrote the date.
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	wait := date.Sub(now)
	if wait < 0 {
		return 0
	}
	if wait > patienceMax {
		return patienceMax
	}
	return wait
}

func cut(text string, most int) string {
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

var hidden = regexp.MustCompile(hiddenForm)

// escapeHidden replaces hidden characters, line breaks included, by JSON escapes of their UTF-16 units.
func escapeHidden(text string) string {
	// Headers need not be UTF-8: then they are taken as Latin-1.
	if !utf8.ValidString(text) {
		runes := make([]rune, len(text))
		for at := range runes {
			runes[at] = rune(text[at])
		}
		text = string(runes)
	}
	return hidden.ReplaceAllStringFunc(text, func(char string) string {
		escaped := ""
		for _, unit := range utf16.Encode([]rune(char)) {
			escaped += fmt.Sprintf(`\u%04x`, unit)
		}
		return escaped
	})
}

func findRow(codes []codeFacts, code string, status int) *codeFacts {
	var first *codeFacts
	for at := range codes {
		row := &codes[at]
		if row.code != code {
			continue
		}
		if row.status == 0 || row.status == status {
			return row
		}
		if first == nil {
			first = row
		}
	}
	return first
}

var (
	baseURLPattern     = regexp.MustCompile(baseURLForm)
	accessTokenPattern = regexp.MustCompile(accessTokenForm)
)

// checkedBaseURL is without a slash at its end.
func checkedBaseURL(given string) (string, error) {
	if !baseURLPattern.MatchString(given) {
		return "", errors.New("lobbykey: BaseURL must be the gateway's URL in ASCII, without user name and query, such as https://login.example.com")
	}
	return strings.TrimRight(given, "/"), nil
}

func newHTTPClient(given *http.Client) *http.Client {
	client := http.Client{}
	if given != nil {
		client = *given
	}
	// A redirect is no answer of the gateway, and could lead a token elsewhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

// Package lobbykey has the clients of Lobbykey, the login gateway for game platforms and marketplaces: MerchantClient for the member API,
// SellerClient for the seller API. Standard library only.
package lobbykey

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"strconv"
	"time"
)

const pauseMax = 3 * time.Second

// Error is what went wrong, in words that say what to do. It never holds a key, a password or a token.
type Error struct {
	// Code of the answer; empty when there was no answer of the gateway.
	Code string
	// Key to decide by: one of docs/errors.md, or not_reached or unexpected_answer.
	Key string
	// Status of HTTP; 0 when no answer came.
	Status   int
	Said     string
	WhatToDo string
	// MayRepeat says whether the same call can go well later, with nothing changed.
	MayRepeat bool
	// RequestID is for the operator when something needs looking into.
	RequestID  string
	RetryAfter time.Duration
	cause      error
}

func (e *Error) Error() string { return e.Said + ". " + e.WhatToDo }

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

// repeat does the work again while its error says that a repeat can help, until the deadline.
func repeat[T any](ctx context.Context, patience Patience, work func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, patience.Deadline)
	defer cancel()
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
		if failure.RetryAfter > 0 {
			pause = failure.RetryAfter
		}
		pause += time.Duration(rand.Int63n(int64(most)/2 + 1))
		deadline, _ := ctx.Deadline()
		if time.Now().Add(pause).After(deadline) {
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
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, notReached(err)
	}
	result := &answer{status: response.StatusCode, header: response.Header, body: body}
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
	return result, nil
}

func notReached(err error) *Error {
	return &Error{
		Key:       "not_reached",
		Said:      fmt.Sprintf("The gateway did not answer (%T)", err),
		WhatToDo:  "Check BaseURL and the network; what was sent may have taken effect.",
		MayRepeat: true,
		cause:     err,
	}
}

// errorOf is the failure that an answer tells by the codes of its API.
func errorOf(codes []codeFacts, answer *answer) *Error {
	seconds, _ := strconv.Atoi(answer.header.Get("Retry-After"))
	failure := &Error{
		Status:     answer.status,
		RequestID:  answer.header.Get("X-Request-Id"),
		RetryAfter: time.Duration(seconds) * time.Second,
	}
	row := findRow(codes, answer.code, answer.status)
	if row == nil || answer.said == "" {
		failure.Key = "unexpected_answer"
		failure.Said = fmt.Sprintf("HTTP %d came, and no answer of the gateway", answer.status)
		failure.WhatToDo = "Check BaseURL; a proxy may have answered in the gateway's place."
		failure.MayRepeat = answer.status >= 500 || answer.status == http.StatusTooManyRequests
		return failure
	}
	failure.Code, failure.Key, failure.WhatToDo = row.code, row.key, row.cure
	failure.Said = row.code + " " + answer.said
	failure.MayRepeat = row.retry == "later"
	return failure
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

func newHTTPClient(given *http.Client) *http.Client {
	client := http.Client{}
	if given != nil {
		client = *given
	}
	// A redirect is no answer of the gateway, and could lead a token elsewhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

// Go's driver of clients/conformance: a case a line in, an answer a line out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	lobbykey "github.com/lobbykey/lobbykey/clients/go"
)

type work struct {
	Client  string
	Options struct {
		BaseURL, AgentID, Key, Algorithm, Callback string
		Email, Password, RefreshToken              string
		DeadlineMs, AttemptMs, FirstPauseMs        int
		Storage                                    string
	}
	Calls []struct {
		Do     string
		Fields lobbykey.Fields
		Times  int
	}
}

type outcome map[string]any

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var given work
		if err := json.Unmarshal(lines.Bytes(), &given); err != nil {
			panic(err)
		}
		answer, _ := json.Marshal(run(given))
		fmt.Println(string(answer))
	}
}

func run(given work) map[string]any {
	options := given.Options
	warnings, debug := []string{}, ""
	warn := func(text string) { warnings = append(warnings, text) }
	ms := func(count int) time.Duration { return time.Duration(count) * time.Millisecond }
	patience := lobbykey.Patience{Deadline: ms(options.DeadlineMs), AttemptTimeout: ms(options.AttemptMs), FirstPause: ms(options.FirstPauseMs)}
	var does func(name string, fields lobbykey.Fields) ([]string, error)
	// What a program may print.
	var shown []any
	if given.Client == "merchant" {
		given := lobbykey.MerchantOptions{
			BaseURL: options.BaseURL, AgentID: options.AgentID, Key: options.Key, Algorithm: options.Algorithm, Callback: options.Callback,
			Warn: warn, Debug: func(text string) { debug += text }, Patience: patience,
		}
		merchant, err := lobbykey.NewMerchantClient(given)
		if err != nil {
			return map[string]any{"refused": err.Error()}
		}
		shown, does = []any{merchant, given}, merchantCalls(merchant)
	} else {
		var storage lobbykey.TokenStorage
		if options.Storage != "" {
			file := lobbykey.NewFileStorage(options.Storage)
			file.Warn = warn
			storage = file
		}
		given := lobbykey.SellerOptions{
			BaseURL: options.BaseURL, Email: options.Email, Password: options.Password, RefreshToken: options.RefreshToken, Storage: storage,
			Warn: warn, Patience: patience,
		}
		seller, err := lobbykey.NewSellerClient(given)
		if err != nil {
			return map[string]any{"refused": err.Error()}
		}
		shown, does = []any{seller, given, lobbykey.Tokens{AccessToken: "A1", RefreshToken: "R1"}}, sellerCalls(seller)
	}
	results := []outcome{}
	for _, call := range given.Calls {
		times := call.Times
		if times == 0 {
			times = 1
		}
		outcomes := make([]outcome, times)
		var group sync.WaitGroup
		for at := range outcomes {
			group.Add(1)
			go func(at int, name string, fields lobbykey.Fields) {
				defer group.Done()
				outcomes[at] = outcomeOf(does, name, fields, shown)
			}(at, call.Do, call.Fields)
		}
		group.Wait()
		results = append(results, outcomes...)
	}
	return map[string]any{"results": results, "warnings": warnings, "debug": debug}
}

func merchantCalls(client *lobbykey.MerchantClient) func(string, lobbykey.Fields) ([]string, error) {
	return func(name string, fields lobbykey.Fields) ([]string, error) {
		ctx := context.Background()
		var launch *lobbykey.Launch
		var err error
		switch name {
		case "login":
			launch, err = client.Login(ctx, fields)
		case "guest_login":
			launch, err = client.GuestLogin(ctx, fields)
		default:
			data := map[string]any{}
			requestID, err := client.Call(ctx, name, fields, &data)
			return append(keys(data), present("requestId", requestID)...), err
		}
		if err != nil {
			return nil, err
		}
		return append(append(present("url", launch.URL), present("token", launch.Token)...), present("requestId", launch.RequestID)...), nil
	}
}

func sellerCalls(client *lobbykey.SellerClient) func(string, lobbykey.Fields) ([]string, error) {
	return func(name string, fields lobbykey.Fields) ([]string, error) {
		if name == "logout" {
			return []string{}, client.Logout(context.Background())
		}
		if name == "fetch" {
			return fetched(client, fields)
		}
		identity, err := client.Me(context.Background())
		if err != nil {
			return nil, err
		}
		return append(append(present("sellerId", identity.SellerID), present("email", identity.Email)...), present("expiresAt", identity.ExpiresAt)...), nil
	}
}

func fetched(client *lobbykey.SellerClient, fields lobbykey.Fields) ([]string, error) {
	text := func(name string) string {
		value, _ := fields[name].(string)
		return value
	}
	method := text("method")
	if method == "" {
		method = http.MethodGet
	}
	header := http.Header{}
	given, _ := fields["headers"].(map[string]any)
	for name, value := range given {
		header.Set(name, fmt.Sprint(value))
	}
	response, err := client.Fetch(context.Background(), method, text("path"), header, []byte(text("body")))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return []string{strconv.Itoa(response.StatusCode)}, nil
}

func outcomeOf(does func(string, lobbykey.Fields) ([]string, error), name string, fields lobbykey.Fields, shown []any) outcome {
	names, err := does(name, fields)
	if err == nil {
		return outcome{"ok": names}
	}
	failure, isOurs := err.(*lobbykey.Error)
	if !isOurs {
		return outcome{"thrown": err.Error()}
	}
	// The API's own types: a number for members, a text for sellers.
	var code any
	if failure.Code != "" {
		code = failure.Code
		if number, err := strconv.Atoi(failure.Code); err == nil && len(failure.Code) == 6 {
			code = number
		}
	}
	return outcome{"error": map[string]any{
		"code": code, "key": failure.Key, "mayRepeat": failure.MayRepeat, "requestId": failure.RequestID, "message": failure.Error(),
		"dump": fmt.Sprintf("%v %+v %#v", shown, shown, shown),
	}}
}

func keys(data map[string]any) []string {
	names := []string{}
	for name := range data {
		names = append(names, name)
	}
	return names
}

func present(name, value string) []string {
	if value == "" {
		return nil
	}
	return []string{name}
}

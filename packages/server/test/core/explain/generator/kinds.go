// Texts as Go makes them wrongly: requests as JSON lines in, a list of [name, accepted kinds, text] a line out.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"
)

type request struct {
	Key    string
	Signed map[string]any
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		var asked request
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.UseNumber()
		if decoder.Decode(&asked) != nil {
			panic("not JSON")
		}
		if out.Encode(texts(asked.Key, asked.Signed)) != nil {
			panic("not written")
		}
	}
}

func texts(key string, signed map[string]any) [][]any {
	names := []string{}
	strs := map[string]string{}
	query := url.Values{}
	for name, value := range signed {
		names = append(names, name)
		strs[name] = fmt.Sprint(value)
		query.Set(name, strs[name])
	}
	sort.Strings(names)
	joined := func(write func(name string) string) string {
		pairs := []string{}
		for _, name := range names {
			pairs = append(pairs, name+"="+write(name))
		}
		return key + "&" + strings.Join(pairs, "&")
	}
	plain := func(name string) string { return strs[name] }
	with := func(time string) string {
		return joined(func(name string) string {
			if name == "timestamp" {
				return time
			}
			return strs[name]
		})
	}
	ms, _ := strconv.ParseInt(strs["timestamp"], 10, 64)
	at := time.UnixMilli(ms).UTC()
	object, _ := json.Marshal(strs)
	indented, _ := json.MarshalIndent(strs, "", "  ")
	values := []string{}
	for _, name := range names {
		values = append(values, strs[name])
	}
	list := func(kinds ...string) []string { return kinds }
	object_ := list("object-signed")
	number := list("number-reprinted", "timestamp-signed-in-another-unit", "value-quoted", "value-unset", "timestamp-read-twice")
	quoted := list("value-quoted", "value-unset", "text-wrapped")
	return [][]any{
		{"url.Values.Encode", list("value-encoded"), key + "&" + query.Encode()},
		{"QueryEscape of the text", list("value-encoded"), url.QueryEscape(joined(plain))},
		{"PathEscape", list("value-encoded"), joined(func(name string) string { return url.PathEscape(strs[name]) })},
		{"%v of a map", object_, key + "&" + fmt.Sprintf("%v", strs)},
		{"json.Marshal", object_, key + "&" + string(object)},
		{"json.MarshalIndent", object_, key + "&" + string(indented)},
		{"%v of a slice", list("object-signed", "values-only", "another-form"), key + "&" + fmt.Sprintf("%v", values)},
		{"%q", quoted, joined(func(name string) string { return fmt.Sprintf("%q", strs[name]) })},
		{"%d of a string", quoted, joined(func(name string) string { return fmt.Sprintf("%d", strs[name]) })},
		{"%s of a number", number, with(fmt.Sprintf("%s", any(ms)))},
		{"string(number)", number, with(string(rune(ms)))},
		{"float64", number, with(fmt.Sprint(float64(ms)))},
		{"%f", number, with(fmt.Sprintf("%f", float64(ms)))},
		{"int32", number, with(fmt.Sprint(int32(ms)))},
		{"Unix()", number, with(fmt.Sprint(at.Unix()))},
		{"UnixNano()", number, with(fmt.Sprint(at.UnixNano()))},
		{"RFC 3339", number, with(at.Format(time.RFC3339))},
		{"String() of a time", number, with(at.String())},
		{"03 for 15", number, with(at.Format("2006-01-02 03:04:05"))},
		{"html.EscapeString", list("value-escaped", "html-entities"), joined(func(name string) string { return html.EscapeString(strs[name]) })},
		{"strconv.Quote of the text", list("text-wrapped"), strconv.Quote(joined(plain))},
		{"hex of the text", list("text-wrapped"), hex.EncodeToString([]byte(joined(plain)))},
		{"base64 of the text", list("text-wrapped"), base64.StdEncoding.EncodeToString([]byte(joined(plain)))},
		{"[]byte printed", list("text-wrapped"), fmt.Sprint([]byte(joined(plain)))},
		{"key as []byte", list("key-quoted", "key-transformed"), fmt.Sprint([]byte(key)) + strings.TrimPrefix(joined(plain), key)},
		{"values", list("values-only", "another-form", "key-separator"), key + strings.Join(values, "")},
	}
}

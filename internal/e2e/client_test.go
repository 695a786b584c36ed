package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/id"
)

// object is a JSON object on its way out.
type object map[string]any

// person speaks to the API as one of the demo's people.
type person struct {
	base, token string
	http        *http.Client
	// account is the person's own, from which their command ids are derived.
	account string
}

// receipt is the answer to a command.
type receipt struct {
	ID       string `json:"id"`
	Stream   string `json:"stream"`
	Revision int64  `json:"revision"`
	Position string `json:"position"`
	Outcome  string `json:"outcome"`
}

// place is the position without the id of the log beside it.
func (r receipt) place() string {
	place, _, _ := strings.Cut(r.Position, "-")
	return place
}

// refusalError is the answer to what is refused.
type refusalError struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Error makes a refusal an error.
func (r *refusalError) Error() string { return fmt.Sprintf("%d %s: %s", r.Status, r.Code, r.Detail) }

// signIn asks the development issuer of a running server for a token.
func (i *installation) signIn(t testing.TB, subject string) *person {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, i.url()+"/dev/token", strings.NewReader("subject="+subject))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s", raw)
	token := parse[struct {
		Access string `json:"access_token"`
	}](t, string(raw)).Access
	return i.bearer(t, token)
}

// bearer is whoever a token belongs to.
func (i *installation) bearer(t testing.TB, token string) *person {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	t.Cleanup(transport.CloseIdleConnections)
	p := &person{base: i.url(), token: token, http: &http.Client{Timeout: patience, Transport: transport}}
	p.account = p.me(t).Account
	return p
}

// self is what the API says of whoever asks.
type self struct {
	Account string `json:"account"`
	Group   string `json:"group"`
	Member  string `json:"member"`
}

func (p *person) me(t testing.TB) self {
	t.Helper()
	var me self
	p.get(t, "/v1/me", "", &me)
	return me
}

// commandID is the id of the command that the person sends under a key.
func (p *person) commandID(key string) id.Command {
	return id.Derive[id.Command]("idempotency-key", p.account, key)
}

// send sends one request and reads its JSON answer. A refusal is a *refusalError;
// any other error means that there was no whole answer.
func (p *person) send(ctx context.Context, method, path string, header map[string]string, body, answer any) error {
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.base+path, payload)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	resp, err := p.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode == http.StatusOK {
		return json.Unmarshal(raw, answer)
	}
	refused := &refusalError{Status: resp.StatusCode}
	if err := json.Unmarshal(raw, refused); err != nil {
		return err
	}
	return refused
}

// command sends a command that must be carried out.
func (p *person) command(t testing.TB, method, path, key string, body any) receipt {
	t.Helper()
	var r receipt
	require.NoError(t, p.send(t.Context(), method, path, map[string]string{"Idempotency-Key": key}, body, &r), "%s %s", method, path)
	return r
}

// get asks a query that must be answered, once its read model has seen position.
func (p *person) get(t testing.TB, path, position string, answer any) {
	t.Helper()
	require.NoError(t, p.send(t.Context(), http.MethodGet, path, map[string]string{"Praxis-Min-Position": position}, nil, answer), path)
}

// pause waits a moment, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

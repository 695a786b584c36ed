package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"praxis/domain/es"
)

// Client speaks to the API as one of the demo's people.
type Client struct {
	// Base is the URL of the server, without a slash at its end.
	Base string
	// Token returns a bearer token for a subject.
	Token func(subject string) (string, error)
	HTTP  *http.Client
}

// receipt is the part of a command's answer that the demo goes on with.
type receipt struct {
	ID       string `json:"id"`
	Position place  `json:"position"`
}

// place is a position without the id of the log that a receipt has beside it.
type place struct{ es.Position }

// UnmarshalText reads the token of a receipt.
func (p *place) UnmarshalText(text []byte) error {
	position, _, _ := strings.Cut(string(text), "-")
	return p.Position.UnmarshalText([]byte(position))
}

// problem is the part of a refusal that is worth telling.
type problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// asksForPatience reports whether the same request may well succeed in a moment.
func (p problem) asksForPatience() bool {
	return p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests || p.Code == "too_much_contention"
}

// attempts bounds how often an answer that asks for patience is tried again.
const attempts = 20

// command sends a command under a key of the demo's own: loading again, or
// going on after a crash, changes nothing that is there already.
func (c *Client) command(ctx context.Context, as, method, path, key string, body any) (receipt, error) {
	var r receipt
	err := c.send(ctx, as, method, path, key, "", body, &r)
	return r, err
}

// get asks a query, at the earliest when its read model has seen position.
func (c *Client) get(ctx context.Context, as, path, position string, answer any) error {
	return c.send(ctx, as, http.MethodGet, path, "", position, nil, answer)
}

func (c *Client) send(ctx context.Context, as, method, path, key, position string, body, answer any) error {
	var payload []byte
	if body != nil {
		var err error
		if payload, err = json.Marshal(body); err != nil {
			return fmt.Errorf("demo: %s %s: %w", method, path, err)
		}
	}
	token, err := c.Token(as)
	if err != nil {
		return fmt.Errorf("demo: sign in as %s: %w", as, err)
	}
	for range attempts {
		req, err := http.NewRequestWithContext(ctx, method, c.Base+path, bytes.NewReader(payload))
		if err != nil {
			return fmt.Errorf("demo: %w", err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		for name, value := range map[string]string{"Idempotency-Key": key, "Praxis-Min-Position": position} {
			if value != "" {
				req.Header.Set(name, value)
			}
		}
		if payload != nil {
			req.Header.Set("Content-Type", "application/json")
		}
		done, err := c.attempt(req, answer)
		if done || err != nil {
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fmt.Errorf("demo: %s %s as %s: the server stayed unavailable", method, path, as)
}

// attempt sends one request; done is false if it should be sent again.
func (c *Client) attempt(req *http.Request, answer any) (done bool, err error) {
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return false, fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return false, fmt.Errorf("demo: %w", err)
	}
	if resp.StatusCode == http.StatusOK {
		return true, json.Unmarshal(raw, answer)
	}
	var p problem
	if err := json.Unmarshal(raw, &p); err != nil {
		return true, fmt.Errorf("demo: %s %s: status %d", req.Method, req.URL.Path, resp.StatusCode)
	}
	if p.asksForPatience() {
		return false, nil
	}
	return true, fmt.Errorf("demo: %s %s: %d %s: %s", req.Method, req.URL.Path, p.Status, p.Code, p.Detail)
}

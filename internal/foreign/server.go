package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// server is a praxis that runs.
type server struct {
	m       *measurement
	cmd     *exec.Cmd
	base    string
	token   string
	said    *bytes.Buffer
	listens string
	// tookReady is from the start of the process until every read model is up to date;
	// the slowest answers are those on the way there.
	tookReady, slowestReady, slowestStatus time.Duration
}

// patience bounds the way to ready.
const patience = 5 * time.Minute

// start starts praxis and waits until it is ready.
func (m *measurement) start(ctx context.Context) (*server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{m: m, listens: listener.Addr().String(), said: &bytes.Buffer{}}
	if err := listener.Close(); err != nil {
		return nil, err
	}
	s.base = "http://" + s.listens
	begin := time.Now()
	s.cmd = s.command(context.WithoutCancel(ctx), "serve")
	s.cmd.Stderr = s.said
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	statuses := make(chan error, 1)
	watching, watched := context.WithCancel(ctx)
	started := make(chan struct{})
	go func() { statuses <- s.watchStatus(watching, started) }()
	err = s.awaitReady(ctx, begin, started)
	watched()
	if err = errors.Join(err, <-statuses); err != nil {
		return nil, errors.Join(fmt.Errorf("start praxis: %w\n%s", err, s.said.String()), s.stop())
	}
	return s, nil
}

func (s *server) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.m.program, args...)
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "PRAXIS_") && name != "DATABASE_URL" && name != "EVENTSTOREDB_URL" {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, "PRAXIS_DATA_DIR="+s.m.dir+"/praxis", "PRAXIS_LISTEN="+s.listens, "EVENTSTOREDB_URL="+s.m.url, "PRAXIS_DRAIN_PERIOD=0s")
	return cmd
}

// awaitReady asks /readyz until every read model is ready.
func (s *server) awaitReady(ctx context.Context, begin time.Time, started chan<- struct{}) error {
	answered := false
	for {
		asked := time.Now()
		var state struct {
			Ready bool              `json:"ready"`
			Parts map[string]string `json:"parts"`
		}
		raw, err := s.ask(ctx, http.MethodGet, "/readyz", nil)
		if err == nil {
			if !answered {
				answered = true
				close(started)
			}
			s.slowestReady = max(s.slowestReady, time.Since(asked))
			if err := json.Unmarshal(raw, &state); err != nil {
				return err
			}
			if state.Parts["projections"] == "ready" {
				s.tookReady = time.Since(begin)
				return nil
			}
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("it is not ready: %w; %s", ctx.Err(), raw)
		}
	}
}

// watchStatus asks `projections status` again and again, from the first answer on.
func (s *server) watchStatus(ctx context.Context, started <-chan struct{}) error {
	select {
	case <-started:
	case <-ctx.Done():
		return nil
	}
	for {
		asked := time.Now()
		out, err := s.command(ctx, "projections", "status").CombinedOutput()
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("projections status: %w: %s", err, out)
		}
		if err != nil {
			return nil //nolint:nilerr // The run is over, and the command ended with it.
		}
		s.slowestStatus = max(s.slowestStatus, time.Since(asked))
		select {
		case <-time.After(5 * time.Second):
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// ask sends one request and returns the answer of any status.
func (s *server) ask(ctx context.Context, method, path string, body any) ([]byte, error) {
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		payload = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.base+path, payload)
	if err != nil {
		return nil, err
	}
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	return io.ReadAll(resp.Body)
}

func (s *server) signIn(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/dev/token", strings.NewReader(url.Values{"subject": {"olivia"}}.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	var token struct {
		Access string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&token); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	s.token = token.Access
	return nil
}

// do sends a command or a query and reads its answer, which must have an id where
// one is wanted.
func (s *server) do(ctx context.Context, method, path string, body, answer any) error {
	raw, err := s.ask(ctx, method, path, body)
	if err != nil {
		return err
	}
	var refused struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal(raw, &refused); err != nil || refused.Code != "" {
		return fmt.Errorf("%s %s: %s", method, path, raw)
	}
	return json.Unmarshal(raw, answer)
}

// found founds the practice whose charts are listed later.
func (s *server) found(ctx context.Context) error {
	if err := s.signIn(ctx); err != nil {
		return err
	}
	var made struct{ ID string }
	if err := s.do(ctx, http.MethodPost, "/v1/groups", map[string]any{"name": "Harbor", "billingZone": "America/New_York", "currency": "USD", "ownerIsClinician": true}, &made); err != nil {
		return err
	}
	return nil
}

// listed opens a chart and returns how long after the answer the roster lists it.
func (s *server) listed(ctx context.Context) (time.Duration, error) {
	if err := s.signIn(ctx); err != nil {
		return 0, err
	}
	var me struct{ Group, Member string }
	if err := s.do(ctx, http.MethodGet, "/v1/me", nil, &me); err != nil {
		return 0, err
	}
	charts := "/v1/groups/" + me.Group + "/charts"
	if err := s.do(ctx, http.MethodPut, "/v1/groups/"+me.Group+"/members/"+me.Member+"/permissions/chart.create", map[string]any{"effect": "allow", "scope": "group"}, &struct{}{}); err != nil {
		return 0, err
	}
	var chart struct{ ID string }
	if err := s.do(ctx, http.MethodPost, charts, map[string]any{"patient": map[string]any{"givenName": "Ada", "familyName": "Abbott"}, "primary": me.Member}, &chart); err != nil {
		return 0, err
	}
	acknowledged := time.Now()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		var page struct{ Charts []struct{ ID string } }
		if err := s.do(ctx, http.MethodGet, charts, nil, &page); err != nil {
			return 0, err
		}
		if len(page.Charts) > 0 {
			return time.Since(acknowledged), nil
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
			return 0, fmt.Errorf("the chart is not listed: %w", ctx.Err())
		}
	}
}

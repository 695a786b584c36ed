package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"praxis/adapters/config"
	"praxis/cmd/praxis/bench"
	"praxis/commands/process"
	"praxis/projections"
)

// serving is a server that runs as a process of its own, as it does in earnest.
type serving struct {
	url     string
	client  *http.Client
	command *exec.Cmd
	started bench.Row
	output  bytes.Buffer
}

// serves starts a server on the data, measures until it is ready, and stops it again
// when f is done.
func (s *scale) serves(ctx context.Context, f func(context.Context, *serving) error) (err error) {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("start a server: %w", err)
	}
	p := &serving{url: s.config.BaseURL(), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute}}
	p.command = exec.CommandContext(ctx, program, "serve") //nolint:gosec // It is this very program.
	for _, setting := range os.Environ() {
		name, _, _ := strings.Cut(setting, "=")
		if !strings.HasPrefix(name, "PRAXIS_") && name != "EVENTSTOREDB_URL" && name != "DATABASE_URL" {
			p.command.Env = append(p.command.Env, setting)
		}
	}
	p.command.Env = append(p.command.Env, "PRAXIS_DATA_DIR="+s.config.DataDir, "PRAXIS_LISTEN="+s.config.Listen, "PRAXIS_LOG_LEVEL=warn", "PRAXIS_DRAIN_PERIOD=0s")
	p.command.Stderr, p.command.Cancel = &p.output, func() error { return p.command.Process.Signal(syscall.SIGTERM) }
	begin := time.Now()
	if err := p.command.Start(); err != nil {
		return fmt.Errorf("start a server: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.command.Wait() }()
	running, stop := context.WithCancel(ctx)
	defer stop()
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		err := <-ended
		stop()
		ended <- err
	}()
	defer func() {
		_ = p.command.Process.Signal(syscall.SIGTERM) // It may have ended by itself.
		<-exited
		p.client.CloseIdleConnections()
		if failed := <-ended; failed != nil {
			err = errors.Join(err, fmt.Errorf("the server ended: %w\n%s", failed, p.output.String()))
		}
	}()
	if err := p.untilReady(running); err != nil {
		return err
	}
	took := time.Since(begin)
	p.started = bench.Row{What: "from start to ready", P50: took, P95: took, P99: took, PerSecond: 1 / took.Seconds()}.Within(3*time.Second, 3*time.Second)
	return f(running, p)
}

func (p *serving) untilReady(ctx context.Context) error {
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for {
		status, _, err := p.get(ctx, "", "/readyz")
		if err == nil && status == http.StatusOK {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server is not ready: %w", errors.Join(ctx.Err(), err))
		case <-poll.C:
		}
	}
}

// get sends a question, and returns how it was answered.
func (p *serving) get(ctx context.Context, token, target string) (status int, body []byte, err error) {
	return p.send(ctx, token, http.MethodGet, target, "")
}

func (p *serving) send(ctx context.Context, token, method, target, sent string) (status int, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, p.url+target, strings.NewReader(sent))
	if err != nil {
		return 0, nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if sent != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, body, errors.Join(err, resp.Body.Close())
}

// settle waits until read models and processes have seen the whole log, so that what
// is measured is not beside work that a log of another's making brings.
func (s *scale) settle(ctx context.Context, _ *serving) error {
	return s.beside(ctx, func(i *installation) error {
		poll := time.NewTicker(250 * time.Millisecond)
		defer poll.Stop()
		for {
			models, err := i.runner.Status(ctx)
			if err != nil {
				return err
			}
			work, err := i.processes.Status(ctx)
			if err != nil {
				return err
			}
			if isSettled(models, work) {
				return nil
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-poll.C:
			}
		}
	})
}

func isSettled(models []projections.Status, work []process.Status) bool {
	for _, m := range models {
		if m.State != "kept" && m.Version == m.Program && (m.State != projections.Running || m.LagEvents > 0 || m.LagUnknown) {
			return false
		}
	}
	for _, w := range work {
		if !w.CaughtUp || w.LagUnknown || w.Overdue > 0 {
			return false
		}
	}
	return true
}

// beside opens the installation beside the server that runs on it.
func (s *scale) beside(ctx context.Context, f func(*installation) error) (err error) {
	i, err := open(ctx, s.config, newLogger(config.Config{}, io.Discard), opening{}, io.Discard)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, within(s.config.ShutdownTimeout, i.close)) }()
	return f(i)
}

// memory says what the server's process has in memory, and had at the most.
func (s *scale) memory(p *serving) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return // Other systems do not tell.
	}
	for line := range strings.Lines(string(raw)) {
		if name, value, _ := strings.Cut(line, ":"); name == "VmHWM" || name == "VmRSS" || name == "RssAnon" {
			s.rows = append(s.rows, bench.Row{What: "memory of the server, " + name + ": " + strings.TrimSpace(value)})
		}
	}
}

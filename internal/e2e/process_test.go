package e2e_test

import (
	"context"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/internal/logtest"
)

// process is a praxis that runs until it is stopped or killed.
type process struct {
	cmd    *exec.Cmd
	stdout transcript
	stderr transcript
	// exited is closed when the process has ended.
	exited chan struct{}
}

// transcript collects what a process prints.
type transcript struct{ logtest.Buffer }

// tail returns the last part of the transcript, enough to see what went wrong.
func (l *transcript) tail() string {
	const most = 8000
	s := l.String()
	return s[max(0, len(s)-most):]
}

// start starts praxis. What it prints is shown if the test fails; it is killed
// when the test ends.
func (i *installation) start(t testing.TB, args ...string) *process {
	t.Helper()
	return i.startWith(t, nil, args...)
}

// startWith is start with more environment variables.
func (i *installation) startWith(t testing.TB, env []string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.CommandContext(context.WithoutCancel(t.Context()), binary, args...), exited: make(chan struct{})}
	p.cmd.Env = i.environ(env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	require.NoError(t, p.cmd.Start())
	go func() {
		defer close(p.exited)
		_ = p.cmd.Wait() // The state is asked for its exit code.
	}()
	t.Cleanup(func() {
		p.kill(t)
		for _, sign := range []string{"WARNING: DATA RACE", `"msg":"panic"`, "\ngoroutine "} {
			if strings.Contains(p.stderr.String(), sign) {
				t.Errorf("praxis %v printed %q", args, sign)
			}
		}
		if t.Failed() {
			t.Logf("praxis %v printed:\n%s\n%s", args, p.stdout.tail(), p.stderr.tail())
		}
	})
	return p
}

// serve starts the server and returns when it is ready.
func (i *installation) serve(t testing.TB, env ...string) *process {
	t.Helper()
	p := i.startWith(t, env, "serve")
	i.awaitReady(t, p)
	return p
}

// awaitReady returns when the server answers that every part of it is ready.
func (i *installation) awaitReady(t testing.TB, p *process) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if isReady(ctx, i.url()) {
			return
		}
		select {
		case <-tick.C:
		case <-p.exited:
			require.FailNow(t, "the server ended before it was ready", "exit code %d", p.cmd.ProcessState.ExitCode())
		case <-ctx.Done():
			require.FailNow(t, "the server does not get ready")
		}
	}
}

func isReady(ctx context.Context, base string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// kill ends the process as a power cut would, and returns when it is gone.
func (p *process) kill(t testing.TB) {
	t.Helper()
	p.signal(syscall.SIGKILL)
	p.awaitExit(t)
}

func (p *process) signal(s syscall.Signal) {
	// The only error is that the process has ended already.
	_ = p.cmd.Process.Signal(s)
}

// awaitExit waits for the end of the process and returns its exit code.
func (p *process) awaitExit(t testing.TB) int {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-p.exited:
	case <-limit.C:
		require.FailNow(t, "praxis does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

// stop asks the server to end and checks that it does so in good order: exit
// code 0, and its PostgreSQL gone with it.
func (i *installation) stop(t testing.TB, p *process) {
	t.Helper()
	database := i.postgresPID()
	p.signal(syscall.SIGTERM)
	require.Equal(t, 0, p.awaitExit(t), "exit code after SIGTERM")
	require.False(t, isAlive(database), "a server that ended has left its PostgreSQL behind")
	require.Zero(t, i.postgresPID(), "PostgreSQL was not shut down in good order")
}

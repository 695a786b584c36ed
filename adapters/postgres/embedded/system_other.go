//go:build !linux

package embedded

import (
	"context"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// reachEverywhere has no counterpart here.
func reachEverywhere(*syscall.SysProcAttr) {}

// endWithParent has no counterpart here; see watchParent.
func endWithParent(*syscall.SysProcAttr) {}

// watchParent starts a shell that reads from a pipe only this process can
// write to. When this process dies, however it dies, the pipe closes and the
// shell sends SIGINT, PostgreSQL's fast shutdown, to the child. release ends
// the shell without that.
func watchParent(pid int) (release func()) {
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", `read -r released || kill -INT "$1"`, "sh", strconv.Itoa(pid))
	cmd.Dir, cmd.Env = "/", childEnv()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return func() {}
	}
	if err := cmd.Start(); err != nil {
		return func() {}
	}
	return func() {
		// A shell that is gone already needs no release.
		_, _ = pipe.Write([]byte("released\n"))
		_ = pipe.Close()
		_ = cmd.Wait()
	}
}

// isPostgres says whether pid is a live PostgreSQL process. A zombie is dead.
func isPostgres(ctx context.Context, pid int) bool {
	out, err := exec.CommandContext(ctx, "ps", "-o", "state=,comm=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return false
	}
	state, program, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	return !strings.HasPrefix(state, "Z") && filepath.Base(strings.TrimSpace(program)) == "postgres"
}

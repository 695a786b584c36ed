package embedded

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// reachEverywhere lets a child that is not root work in directories that are
// closed to its account.
func reachEverywhere(attr *syscall.SysProcAttr) { attr.AmbientCaps = []uintptr{unix.CAP_DAC_OVERRIDE} }

// endWithParent has the kernel send SIGINT, PostgreSQL's fast shutdown, to the
// child when the thread that started it ends.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }

// watchParent has nothing to do: the kernel does it.
func watchParent(int) (release func()) { return func() {} }

// isPostgres says whether pid is a live PostgreSQL process. A zombie is dead.
func isPostgres(_ context.Context, pid int) bool {
	// The line is: pid (program) state …
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, rest, found := bytes.Cut(stat, []byte("(postgres) "))
	return found && len(rest) > 0 && rest[0] != 'Z' && rest[0] != 'X'
}

package embedded

import (
	"os"
	"os/exec"
	"runtime"
)

// process is a running server whose life is bound to this process.
type process struct {
	cmd *exec.Cmd
	// done is closed when the server has ended and been reaped.
	done chan struct{}
}

// startProcess starts cmd and gives back the lock of the data directory when it
// has ended. Where praxis dies before that, the child gets a signal to shut down.
func startProcess(cmd *exec.Cmd, lock *os.File) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go p.supervise(started, lock)
	return p, <-started
}

// supervise starts the child and waits for it on one operating system thread:
// the kernel's parent-death signal follows the thread that started the child,
// not the process, and Go ends idle threads as it likes.
func (p *process) supervise(started chan<- error, lock *os.File) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.done)
	// Nothing was written to it that a failing close could lose.
	defer func() { _ = lock.Close() }()

	endWithParent(p.cmd.SysProcAttr)
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	defer watchParent(p.cmd.Process.Pid)()
	// How it ended is in cmd.ProcessState.
	_ = p.cmd.Wait()
}

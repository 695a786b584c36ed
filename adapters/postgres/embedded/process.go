package embedded

import (
	"os/exec"
	"runtime"
	"syscall"
)

// process is a running child whose life is bound to this process.
type process struct {
	cmd *exec.Cmd
	// done is closed when the child has ended and been reaped; err is its exit
	// error, to be read only after that.
	done chan struct{}
	err  error
}

// startProcess starts cmd as identity id in its own process group, so that a
// Ctrl-C at the terminal reaches praxis alone, which then stops the server in
// order. Where praxis dies without that, the child gets a signal to shut down.
//
// after runs when the child has ended, before done is closed.
func startProcess(cmd *exec.Cmd, id identity, after func()) (*process, error) {
	cmd.Dir = "/"
	cmd.Env = childEnv()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	id.apply(cmd.SysProcAttr)
	endWithParent(cmd.SysProcAttr)

	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go p.supervise(started, after)
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// supervise starts the child and waits for it on one operating system thread:
// the kernel's parent-death signal follows the thread that started the child,
// not the process, and Go ends idle threads as it likes.
func (p *process) supervise(started chan<- error, after func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	if err := p.cmd.Start(); err != nil {
		after()
		started <- err
		return
	}
	release := watchParent(p.cmd.Process.Pid)
	started <- nil
	p.err = p.cmd.Wait()
	release()
	after()
	close(p.done)
}

// signal sends sig to the child unless it has ended.
func (p *process) signal(sig syscall.Signal) {
	// The only error is that the child has ended, which is what is wanted.
	_ = p.cmd.Process.Signal(sig)
}

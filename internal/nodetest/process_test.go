package nodetest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"praxis/adapters/eventnode"
)

// childVariable holds the configuration of a node that this program is to be.
const childVariable = "PRAXIS_NODETEST_NODE"

// ready is what a child says when it serves.
const ready = "ready"

// ProcessConfig says what a node in a process of its own is given.
type ProcessConfig struct {
	// Dir is the data directory.
	Dir string
	// Socket is the path of the unix socket, in a directory closed to others.
	Socket string
	// Listen is a TCP address of loopback, "" for none.
	Listen string
	// Verify lets every start read and check the whole log first.
	Verify bool
	// FileLimit is the size in bytes that no file may exceed, as if the disk
	// were full; 0 for none.
	FileLimit uint64
}

// Process is a node in a process of its own: the program of these tests, started
// again. TestMain calls serveIfChild first.
type Process struct {
	config ProcessConfig
	cmd    *exec.Cmd
}

// start starts the process and returns when it serves.
func (p *Process) start() error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	config, err := json.Marshal(p.config)
	if err != nil {
		return err
	}
	p.cmd = exec.CommandContext(context.Background(), program)
	p.cmd.Env = append(os.Environ(), childVariable+"="+string(config))
	// The end of its input tells the child that its parent is gone.
	if _, err := p.cmd.StdinPipe(); err != nil {
		return err
	}
	output, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start the node's process: %w", err)
	}
	said, err := bufio.NewReader(output).ReadString('\n')
	if said = strings.TrimSpace(said); said != ready {
		return errors.Join(fmt.Errorf("the node does not start: %s", said), err, p.Kill())
	}
	return nil
}

// Kill ends the process as kill -9 does and waits until it is gone.
func (p *Process) Kill() error {
	err := p.cmd.Process.Kill()
	var killed *exec.ExitError
	if waited := p.cmd.Wait(); !errors.As(waited, &killed) {
		err = errors.Join(err, waited)
	}
	return err
}

// PID is the process id of the node.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Restart kills the process and starts it again on its data.
func (p *Process) Restart() error {
	if err := p.Kill(); err != nil {
		return err
	}
	return p.start()
}

// StartAgain starts a process that was killed, with another configuration.
func (p *Process) StartAgain(config ProcessConfig) error {
	p.config = config
	return p.start()
}

// serveIfChild turns the program of the tests into a node if its parent is a Process;
// it returns otherwise. It ends with the parent.
func serveIfChild() {
	encoded, isChild := os.LookupEnv(childVariable)
	if !isChild {
		return
	}
	if err := serve(encoded); err != nil {
		fmt.Fprintln(os.Stdout, strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
	os.Exit(0)
}

func serve(encoded string) error {
	var config ProcessConfig
	if err := json.Unmarshal([]byte(encoded), &config); err != nil {
		return err
	}
	if err := limitFiles(config.FileLimit); err != nil {
		return err
	}
	node, err := eventnode.Open(eventnode.Config{Dir: config.Dir, Socket: config.Socket, Listen: config.Listen, Verify: config.Verify})
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, ready)
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, node.Close(context.Background()))
}

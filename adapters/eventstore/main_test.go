package eventstore_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// Tests run parts of themselves in processes of their own: a node that is
// killed, and bare clients, whose goroutines and connections nobody can end.
const (
	roleVariable   = "PRAXIS_TEST_ROLE"
	socketVariable = "PRAXIS_TEST_SOCKET"
	dirVariable    = "PRAXIS_TEST_DIR"
)

// TestMain runs the tests, or the role of a child.
func TestMain(m *testing.M) {
	roles := map[string]func() error{
		"node":            playNode,
		"bare client":     playBareClient,
		"bare hang":       playBareHang,
		"bare fatal":      playBareFatal,
		"surviving fatal": playSurvivingFatal,
	}
	role, isChild := roles[os.Getenv(roleVariable)]
	if !isChild {
		// The proxy leaves goroutines behind for connections that broke with data
		// in them; only its own are forgiven.
		const proxy = "github.com/Shopify/toxiproxy/v2"
		goleak.VerifyTestMain(m,
			goleak.IgnoreAnyFunction(proxy+"/toxics.(*ToxicStub).Run"),
			goleak.IgnoreAnyFunction(proxy+".(*ToxicLink).read"),
			goleak.IgnoreAnyFunction(proxy+".(*ToxicLink).write"),
		)
		return
	}
	if err := role(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	os.Exit(0)
}

// child is a process that plays a role and talks in lines.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func spawn(t *testing.T, role string, environ ...string) *child {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	c := &child{cmd: exec.CommandContext(t.Context(), program)}
	c.cmd.Env = append(append(os.Environ(), roleVariable+"="+role), environ...)
	c.in, err = c.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := c.cmd.StdoutPipe()
	require.NoError(t, err)
	c.out = bufio.NewScanner(out)
	require.NoError(t, c.cmd.Start())
	t.Cleanup(func() { _ = c.cmd.Process.Kill(); _ = c.cmd.Wait() })
	return c
}

// says returns the child's next line, "" at its end.
func (c *child) says() string {
	if !c.out.Scan() {
		return ""
	}
	return c.out.Text()
}

// asked tells the child a line and returns its answer.
func (c *child) asked(t *testing.T, line string) string {
	t.Helper()
	_, err := fmt.Fprintln(c.in, line)
	require.NoError(t, err)
	return c.says()
}

// kill ends the child as kill -9 does.
func (c *child) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Process.Kill())
	require.Error(t, c.cmd.Wait())
}

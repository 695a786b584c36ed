package pgtest_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
)

const victimEnv = "PRAXIS_PGTEST_VICTIM"

// TestKilledRun_Victim is the test process that TestKilledRun kills: it has a
// database, leaves a template of other migrations, and never ends by itself.
func TestKilledRun_Victim(t *testing.T) {
	if os.Getenv(victimEnv) == "" {
		t.Skip("this is the other process of TestKilledRun")
	}
	pool := pgtest.New(t)
	var databases int
	var directory string
	require.NoError(t, pool.QueryRow(t.Context(), `
		select current_setting('data_directory'), count(*)
		from pg_database where starts_with(datname, 'praxis_')`).Scan(&directory, &databases))
	_, err := pool.Exec(t.Context(), "create database praxis_template_other with is_template true")
	require.NoError(t, err)
	fmt.Fprintln(os.Stdout, "victim", databases, directory)
	_, err = io.Copy(io.Discard, os.Stdin)
	require.NoError(t, err)
}

func TestKilledRun(t *testing.T) {
	if os.Getenv(pgtest.URLEnv) != "" {
		t.Skip("the server is not ours to end")
	}
	// Clusters of its own, so that no other test process takes them.
	temporary, err := os.MkdirTemp("", "praxis-victim-") //nolint:usetesting // Its path has to be short and open to other accounts.
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(temporary)) })
	require.NoError(t, os.Chmod(temporary, 0o755))
	self, err := os.Executable()
	require.NoError(t, err)

	// The first victim finds nothing; the second the leftovers of the first.
	for _, run := range []string{"first run", "run after a killed one"} {
		t.Run(run, func(t *testing.T) {
			cmd := exec.CommandContext(context.WithoutCancel(t.Context()), self, "-test.run=^TestKilledRun_Victim$")
			cmd.Env = append(os.Environ(), victimEnv+"=1", "TMPDIR="+temporary)
			_, err := cmd.StdinPipe()
			require.NoError(t, err)
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			t.Cleanup(func() { _ = cmd.Process.Kill() })
			var databases int
			var directory string
			_, err = fmt.Fscanf(out, "victim %d %s\n", &databases, &directory)
			require.NoError(t, err)
			require.Equal(t, 2, databases, "the test's database and the template, and no leftovers")
			require.FileExists(t, filepath.Join(directory, "postmaster.pid"))

			require.NoError(t, cmd.Process.Kill())
			require.Error(t, cmd.Wait())
			require.Eventually(t, func() bool {
				_, err := os.Stat(filepath.Join(directory, "postmaster.pid"))
				return os.IsNotExist(err)
			}, 30*time.Second, 5*time.Millisecond, "the server shuts down when the run is killed")
		})
	}
}

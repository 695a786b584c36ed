package lease_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres"
	"praxis/adapters/postgres/lease"
	"praxis/adapters/postgres/pgtest"
)

// databaseVariable makes this program the leader of a database, see playLeader.
const (
	databaseVariable = "PRAXIS_TEST_LEADER_OF"
	versionVariable  = "PRAXIS_TEST_LEADER_AS_ON_13"
)

// TestMain runs the tests, or the leader that a test freezes.
func TestMain(m *testing.M) {
	if url := os.Getenv(databaseVariable); url != "" {
		if err := playLeader(context.Background(), url); err != nil {
			fmt.Fprintln(os.Stdout, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// playLeader leads and then does what it is told on its standard input, a line each.
func playLeader(ctx context.Context, url string) error {
	pool, err := postgres.Open(ctx, postgres.Config{URL: url})
	if err != nil {
		return err
	}
	defer pool.Close()
	l := lease.New(pool.Config().ConnConfig, quick)
	if os.Getenv(versionVariable) != "" {
		l = l.AsOnVersion13()
	}
	orders := bufio.NewScanner(os.Stdin)
	err = l.Lead(ctx, "group", func(led context.Context) {
		epoch, err := takeOver(ctx, pool)
		var tx pgx.Tx
		for {
			fmt.Fprintln(os.Stdout, "done:", err)
			if !orders.Scan() {
				return
			}
			switch orders.Text() {
			case "begin":
				if tx, err = pool.Begin(ctx); err == nil {
					err = step(ctx, tx, epoch)
				}
			case "commit":
				err = tx.Commit(ctx)
			case "step":
				err = step(ctx, pool, epoch)
			case "await the end":
				<-led.Done()
				return
			}
		}
	})
	fmt.Fprintln(os.Stdout, "ended:", err)
	return nil
}

type database interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// takeOver begins an epoch, as a leader does with the rows that it is to write.
func takeOver(ctx context.Context, db database) (epoch int, err error) {
	err = db.QueryRow(ctx, "update work set epoch = epoch + 1 returning epoch").Scan(&epoch)
	return epoch, err
}

// step changes what the leader of an epoch may change.
func step(ctx context.Context, db database, epoch int) error {
	var steps int
	return db.QueryRow(ctx, "update work set steps = steps + 1 where epoch = $1 returning steps", epoch).Scan(&steps)
}

// leader is such a process.
type leader struct {
	cmd    *exec.Cmd
	orders io.WriteCloser
	said   *bufio.Scanner
}

func startLeader(t *testing.T, url string, environ ...string) *leader {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	// A leader that never says what is waited for is killed, which fails the test.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	p := &leader{cmd: exec.CommandContext(ctx, program)}
	p.cmd.Env = append(append(os.Environ(), databaseVariable+"="+url), environ...)
	p.cmd.Stderr = os.Stderr
	p.orders, err = p.cmd.StdinPipe()
	require.NoError(t, err)
	said, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	p.said = bufio.NewScanner(said)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	require.Equal(t, "done: <nil>", p.hear(t))
	return p
}

func (p *leader) hear(t *testing.T) string {
	t.Helper()
	require.True(t, p.said.Scan(), "the leader ended: %v", p.said.Err())
	return p.said.Text()
}

func (p *leader) order(t *testing.T, what string) {
	t.Helper()
	_, err := fmt.Fprintln(p.orders, what)
	require.NoError(t, err)
}

func (p *leader) signal(t *testing.T, signal syscall.Signal) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(signal))
}

func frozenTest(t *testing.T, environ ...string) {
	t.Helper()
	t.Parallel()
	url := pgtest.URL(t)
	pool := openPool(t, url)
	_, err := pool.Exec(t.Context(), "create table work (epoch int, steps int); insert into work values (0, 0)")
	require.NoError(t, err)
	frozen := startLeader(t, url+"&idle_in_transaction_session_timeout=3000", environ...)
	frozen.order(t, "step")
	require.Equal(t, "done: <nil>", frozen.hear(t))
	// It freezes while it holds a lock of the very row that the next leader needs.
	frozen.order(t, "begin")
	require.Equal(t, "done: <nil>", frozen.hear(t))
	frozen.signal(t, syscall.SIGSTOP)

	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	err = leasesOn(t, url, quick).Lead(ctx, "group", func(ctx context.Context) {
		epoch, err := takeOver(ctx, pool)
		require.NoError(t, err, "no transaction of the frozen leader holds it up")
		require.Equal(t, 2, epoch)
		require.NoError(t, step(ctx, pool, epoch))

		frozen.signal(t, syscall.SIGCONT)
		frozen.order(t, "commit")
		require.NotEqual(t, "done: <nil>", frozen.hear(t), "its transaction has ended")
		frozen.order(t, "step")
		require.Equal(t, "done: "+pgx.ErrNoRows.Error(), frozen.hear(t), "its epoch is over")
		frozen.order(t, "await the end")
		require.Regexp(t, "^ended: leadership_(silent|unavailable)", frozen.hear(t), "it learns that it leads no more")
		stop()
	})
	require.ErrorIs(t, err, context.Canceled)
	var epoch, steps int
	require.NoError(t, pool.QueryRow(t.Context(), "select epoch, steps from work").Scan(&epoch, &steps))
	require.Equal(t, []int{2, 2}, []int{epoch, steps}, "a step of each leader, and no other")
}

func TestFoundW2_AFrozenLeaderLosesTheLeadAndComesBackToNothing(t *testing.T) {
	t.Run("by idle_session_timeout", func(t *testing.T) { frozenTest(t) })
	t.Run("as on version 13", func(t *testing.T) { frozenTest(t, versionVariable+"=1") })
}

// Killed, a process leads no longer, whatever the settings: the system closes its
// connection.
func TestLead_AKilledLeaderIsFollowedAtOnce(t *testing.T) {
	url := pgtest.URL(t)
	pool := openPool(t, url)
	_, err := pool.Exec(t.Context(), "create table work (epoch int, steps int); insert into work values (0, 0)")
	require.NoError(t, err)
	startLeader(t, url).signal(t, syscall.SIGKILL)
	r := newRegister(t)
	r.process(t, "standby", leasesOn(t, url, patient), "group")
	r.await(t, map[string]int{"standby": 1})
}

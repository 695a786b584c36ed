package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/domain/id"
)

// A running server is backed up while people write: each backup is a beginning of the log,
// with all that was acknowledged before, and a sound log of an installation of its own.
func TestBackup_OfARunningServer(t *testing.T) {
	i, other := newInstallation(t), newInstallation(t)
	p := i.serve(t)
	practice := i.found(t)
	owner := practice.people["olivia"]
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var writers sync.WaitGroup
	var mu sync.Mutex
	var acknowledged []string
	for w := range 3 {
		writers.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				var done receipt
				err := owner.send(t.Context(), http.MethodPost, practice.path("/charts"), map[string]string{"Idempotency-Key": fmt.Sprint("chart ", w, " ", n)}, practice.newChart("Cole", "carla"), &done)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acknowledged = append(acknowledged, done.ID)
				mu.Unlock()
			}
		})
	}
	const backups = 3
	before := make([][]string, backups)
	for n := range backups {
		await(t, func() bool {
			mu.Lock()
			defer mu.Unlock()
			before[n] = append([]string{}, acknowledged...)
			return len(acknowledged) >= 10*(n+1)
		}, "nothing is written")
		i.succeed(t, "eventstore", "backup", filepath.Join(i.dir, fmt.Sprint("log", n)))
	}
	stop()
	writers.Wait()
	i.stop(t, p)

	var whole eventLog
	t.Run("read the log", func(t *testing.T) { whole = readLog(t, i.openLog(t)) })
	for n := range backups {
		dir := filepath.Join(other.dir, fmt.Sprint("log", n))
		if n == backups-1 {
			dir = filepath.Join(other.dir, "events")
		}
		other.succeed(t, "eventstore", "unpack", filepath.Join(i.dir, fmt.Sprint("log", n)), dir)
		t.Run(fmt.Sprint("backup ", n), func(t *testing.T) {
			got := readLog(t, openNode(t, eventnode.Config{Dir: dir, Verify: true}))
			require.Equal(t, whole[:len(got)], got, "positions and stamps included")
			require.NoError(t, got.checkWhole())
			held := map[string]bool{}
			for _, e := range got {
				held[e.Stream.Entity()] = true
			}
			for _, chart := range before[n] {
				require.True(t, held[chart], "a chart that was acknowledged before the backup began")
			}
		})
	}
	require.Contains(t, other.succeed(t, "audit", "invariants"), "Every invariant holds")
}

// newKey writes an identity into a file and returns the name of its recipient.
func newKey(t *testing.T, path string) string {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, []byte(identity.String()+"\n"), 0o600))
	return identity.Recipient().String()
}

func TestBackup_IsEncryptedAndRefusedWhereItIsNotWhole(t *testing.T) {
	i := newInstallation(t)
	in := func(name string) string { return filepath.Join(i.dir, name) }
	t.Run("write the log", func(t *testing.T) { manyEvents(t, in("events"), 500) })
	first, second := newKey(t, in("first")), newKey(t, in("second"))
	newKey(t, in("other"))
	i.succeed(t, "eventstore", "backup", in("plain"))
	i.succeed(t, "eventstore", "backup", in("sealed"), "--recipient", first, "--recipient", second)
	for n, key := range []string{"first", "second"} {
		i.succeed(t, "eventstore", "unpack", in("sealed"), in(key+".log"), "--identity", in(key))
		report := i.copyLog(t, in("events"), in(key+".log"))
		require.Equal(t, 500, report.Events, n)
		require.Zero(t, report.Copied, "the log is what it was")
	}

	for _, name := range []string{"plain", "sealed"} {
		whole, err := os.ReadFile(in(name))
		require.NoError(t, err)
		require.NotContains(t, string(whole), "copied.around")
		require.NoError(t, os.WriteFile(in(name+".short"), whole[:len(whole)-1], 0o600))
		whole[len(whole)/2] ^= 1
		require.NoError(t, os.WriteFile(in(name+".altered"), whole, 0o600))
	}
	require.NoError(t, os.WriteFile(in("text"), []byte("something that is no backup of anything"), 0o600))
	for _, tt := range []struct {
		name, file, dir, identity string
		code                      int
		says                      string
	}{
		{"the wrong identity", "sealed", "none", "other", 2, "backup_identity_wrong"},
		{"no identity", "sealed", "none", "", 2, "backup_encrypted"},
		{"an identity for what is not encrypted", "plain", "none", "first", 2, "backup_not_encrypted"},
		{"a file that is no identity", "sealed", "none", "plain", 2, "identity_unreadable"},
		{"a file that was cut off", "plain.short", "none", "", 5, "backup_damaged"},
		{"an encrypted one that was cut off", "sealed.short", "none", "first", 5, "backup_damaged"},
		{"a file that was altered", "plain.altered", "none", "", 5, "backup_damaged"},
		{"an encrypted one that was altered", "sealed.altered", "none", "first", 5, "backup_damaged"},
		{"another file", "text", "none", "", 5, "backup_damaged"},
		{"no file", "nothing", "none", "", 4, "backup_unreadable"},
		{"a directory with a log", "plain", "events", "", 2, "directory_not_empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := []string{"eventstore", "unpack", in(tt.file), in(tt.dir)}
			if tt.identity != "" {
				args = append(args, "--identity", in(tt.identity))
			}
			o := i.run(t, args...)
			require.Equal(t, tt.code, o.code, o.stderr)
			require.Contains(t, o.stderr, "("+tt.says+")")
			require.NoFileExists(t, filepath.Join(in("none"), "events.bolt"))
		})
	}
	t.Run("a backup is not written over", func(t *testing.T) {
		o := i.run(t, "eventstore", "backup", in("plain"))
		require.Equal(t, 2, o.code, o.stderr)
		require.Contains(t, o.stderr, "file_exists")
	})
	t.Run("a server is backed up by itself", func(t *testing.T) {
		o := i.runWith(t, []string{"EVENTSTOREDB_URL=esdb://127.0.0.1:1?tls=false"}, "eventstore", "backup", in("server"))
		require.Equal(t, 2, o.code, o.stderr)
		require.Contains(t, o.stderr, "backup_needs_embedded_log")
	})
	t.Run("nothing is left of what was refused", func(t *testing.T) {
		left, err := filepath.Glob(in("*.partial-*"))
		require.NoError(t, err)
		require.Empty(t, left)
		o := i.run(t, "eventstore", "unpack", in("plain"), in("none"))
		require.Zero(t, o.code, o.stderr)
	})
}

// Killed at random points, a backup leaves no file of its name and unpacking leaves no log,
// and both are done again as if nothing had been.
func TestBackup_IsThereWholeOrNotAtAll(t *testing.T) {
	i := newInstallation(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, seed))
	t.Run("write the log", func(t *testing.T) { manyEvents(t, filepath.Join(i.dir, "events"), 20_000) })
	killed := func(made string, args ...string) {
		for range 6 {
			p := i.start(t, append([]string{"eventstore"}, args...)...)
			lines := random.IntN(12)
			await(t, func() bool {
				select {
				case <-p.exited:
					return true
				default:
					return strings.Count(p.stderr.String(), "\n") >= lines
				}
			}, "it does not go on")
			p.kill(t)
			if _, err := os.Stat(made); err == nil {
				return
			}
		}
		i.succeed(t, append([]string{"eventstore"}, args...)...)
	}
	file, dir := filepath.Join(i.dir, "log.backup"), filepath.Join(i.dir, "unpacked")
	killed(file, "backup", file)
	killed(filepath.Join(dir, "events.bolt"), "unpack", file, dir)
	report := i.copyLog(t, filepath.Join(i.dir, "events"), dir)
	require.Equal(t, 20_000, report.Events)
	require.Zero(t, report.Copied)
}

// A node that runs alone is backed up beside it, by its directory.
func TestBackup_OfANodeThatRunsAlone(t *testing.T) {
	i := newInstallation(t)
	dir := filepath.Join(i.dir, "alone")
	t.Run("write the log", func(t *testing.T) { manyEvents(t, dir, 20) })
	node := i.start(t, "node", "--dir", dir, "--listen", "127.0.0.1:0")
	await(t, func() bool { return node.stdout.String() != "" }, "the node does not start")
	told := parse[struct{ Events int }](t, i.succeed(t, "eventstore", "backup", filepath.Join(i.dir, id.New[id.Event]().String()), "--dir", dir, "--json"))
	require.Equal(t, 20, told.Events)
	node.kill(t)
}

package embedded_test

import (
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/embedded"
)

// requireRoot ends a test that is about being root. The whole suite runs as an
// ordinary user too: TestAsOrdinaryUser starts it so.
func requireRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("this test is about root, and the process is not")
	}
}

// statusOf is what the kernel says of a process.
func statusOf(t *testing.T, pid int, field string) string {
	t.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(status), "\n"+field+":\t")
	require.True(t, found)
	value, _, _ := strings.Cut(rest, "\n")
	return value
}

// runsAs is the user id the process runs as, as this process counts.
func runsAs(t *testing.T, pid int) int {
	t.Helper()
	own, _, _ := strings.Cut(statusOf(t, pid, "Uid"), "\t")
	uid, err := strconv.Atoi(own)
	require.NoError(t, err)
	return uid
}

// allIDs maps every user and group of this machine to itself.
func allIDs() []syscall.SysProcIDMap {
	return []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 65536}}
}

// containerLike makes a child that is root and may become any account, but
// lives in a user namespace of its own, where limits can be set for it alone.
func containerLike() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER, UidMappings: allIDs(), GidMappings: allIDs(), GidMappingsEnableSetgroups: true,
	}
}

// hasNamespaces reports whether root may make user namespaces here, which
// decides the way a server runs: as root seen as an account, or as an account.
func hasNamespaces(t *testing.T) bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", ":")
	cmd.SysProcAttr = containerLike()
	return cmd.Run() == nil
}

// startWithoutNamespaces starts an owner of dir that may make no user namespace:
// by nature where this process may not, else in a namespace that allows no other.
func startWithoutNamespaces(t *testing.T, dir string, env ...string) owner {
	t.Helper()
	if !hasNamespaces(t) {
		return startOwner(t, dir, nil, env...)
	}
	return startOwner(t, dir, containerLike(), append(env, noNamespacesEnv+"=1")...)
}

// serverAccount is the account that serves where namespaces are forbidden.
func serverAccount(t *testing.T) *user.User {
	t.Helper()
	account, err := user.Lookup("postgres")
	if err != nil {
		account, err = user.Lookup("nobody")
	}
	require.NoError(t, err)
	return account
}

// giveCluster gives a cluster to an account, as an operator with chown would.
func giveCluster(t *testing.T, dir string, uid int) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(filepath.Join(dir, "cluster"), func(path string, _ fs.DirEntry, err error) error {
		require.NoError(t, err)
		return os.Lchown(path, uid, uid)
	}))
}

// closedDir is a directory below one that only root may enter, as in root's home. Its
// path is short, so that the socket is in it.
func closedDir(t *testing.T) string {
	t.Helper()
	closed := sharedDir(t)
	require.NoError(t, os.Chmod(closed, 0o700))
	return filepath.Join(closed, "data")
}

// TestAsRoot is about the account that serves for root, whatever the machine allows.
func TestAsRoot(t *testing.T) {
	requireRoot(t)

	t.Run("an account serves, also where only root may enter", func(t *testing.T) {
		dir := closedDir(t)
		s := start(t, embedded.Config{DataDir: dir})
		require.Equal(t, serverAccount(t).Uid, strconv.Itoa(runsAs(t, s.PID())))
		info, err := os.Lstat(filepath.Join(dir, "cluster"))
		require.NoError(t, err)
		require.True(t, info.IsDir(), "the cluster is in the data directory")
	})

	t.Run("only a server whose directory is closed to its account may enter closed directories", func(t *testing.T) {
		for dir, capabilities := range map[string]string{sharedDir(t): "0000000000000000", closedDir(t): "0000000000000002"} {
			s := start(t, embedded.Config{DataDir: dir})
			require.Equal(t, capabilities, statusOf(t, s.PID(), "CapEff"))
		}
	})

	t.Run("root that may not become an account is told so", func(t *testing.T) {
		if !hasNamespaces(t) {
			t.Skip("only a user namespace makes such a root")
		}
		self, err := os.Executable()
		require.NoError(t, err)
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env = append(os.Environ(), ownerDirEnv+"="+filepath.Join(sharedDir(t), "data"))
		one := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 1}}
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, UidMappings: one, GidMappings: one}
		said, err := cmd.Output()
		require.Error(t, err)
		require.Contains(t, string(said), "may not run it as account "+serverAccount(t).Username)
	})

	t.Run("programs that the account cannot reach are refused with advice", func(t *testing.T) {
		b, err := embedded.Find()
		require.NoError(t, err)
		closed := closedDir(t)
		require.NoError(t, os.Symlink(b.Dir, closed))
		b.Dir = closed
		_, err = embedded.Start(t.Context(), embedded.Config{DataDir: sharedDir(t), Binaries: b, Logger: slog.New(slog.DiscardHandler)})
		require.ErrorContains(t, err, "which cannot run the programs in "+closed)
		require.ErrorContains(t, err, embedded.BinEnv)
	})

	t.Run("a cluster whose files are root's, as earlier releases made them, moves to the account", func(t *testing.T) {
		dir := closedDir(t)
		s := start(t, embedded.Config{DataDir: dir})
		execSQL(t, s, "create table kept (n int); insert into kept values (1)")
		require.NoError(t, s.Stop(t.Context()))
		giveCluster(t, dir, 0)

		o := startWithoutNamespaces(t, dir)
		require.NotZero(t, runsAs(t, o.serverPID))
		o.kill(t)
		awaitNoServer(t, dir)
		again := start(t, embedded.Config{DataDir: dir})
		require.Equal(t, 2, query[int](t, again, "select count(*)::int from kept"))
	})

	t.Run("a cluster that belongs to an account is served by that account", func(t *testing.T) {
		dir := sharedDir(t)
		s := start(t, embedded.Config{DataDir: dir})
		execSQL(t, s, "create table kept as select 7 as n")
		require.NoError(t, s.Stop(t.Context()))
		giveCluster(t, dir, 65534)
		again := start(t, embedded.Config{DataDir: dir})
		require.Equal(t, 65534, runsAs(t, again.PID()))
		require.Equal(t, 7, query[int](t, again, "select n from kept"))
	})

	t.Run("where user namespaces are forbidden, an account serves, and dies with its owner", func(t *testing.T) {
		account := serverAccount(t)
		dir := filepath.Join(sharedDir(t), "data")
		o := startWithoutNamespaces(t, dir)
		require.Equal(t, account.Uid, strconv.Itoa(runsAs(t, o.serverPID)))
		o.kill(t)
		awaitNoServer(t, dir)

		s := start(t, embedded.Config{DataDir: dir})
		require.Equal(t, account.Uid, strconv.Itoa(runsAs(t, s.PID())), "the cluster keeps the account that has it")
		require.Equal(t, 1, query[int](t, s, "select count(*)::int from kept"))
	})

	t.Run("a cluster of a user id without an account is refused with advice", func(t *testing.T) {
		dir := sharedDir(t)
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "cluster"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "cluster", "PG_VERSION"), []byte(installedMajor(t)), 0o600))
		giveCluster(t, dir, 54321)
		_, err := embedded.Start(t.Context(), embedded.Config{DataDir: dir, Logger: slog.New(slog.DiscardHandler)})
		require.ErrorContains(t, err, "belongs to user id 54321, which has no account on this machine")
	})
}

func TestFoundO4_RootInAClosedDirectoryWithoutNamespaces(t *testing.T) {
	requireRoot(t)

	t.Run("the server's account reaches its files there, and the next start finds them", func(t *testing.T) {
		account, dir := serverAccount(t), closedDir(t)
		for want := 1; want <= 2; want++ {
			o := startWithoutNamespaces(t, dir)
			require.Equal(t, account.Uid, strconv.Itoa(runsAs(t, o.serverPID)))
			require.Equal(t, want, o.rows)
			o.kill(t)
			awaitNoServer(t, dir)
		}
	})

	t.Run("files that an earlier release put elsewhere are found by the link to them", func(t *testing.T) {
		dir, elsewhere := closedDir(t), filepath.Join(sharedDir(t), "cluster")
		o := startWithoutNamespaces(t, dir)
		o.kill(t)
		awaitNoServer(t, dir)
		require.NoError(t, os.Rename(filepath.Join(dir, "cluster"), elsewhere))
		require.NoError(t, os.Symlink(elsewhere, filepath.Join(dir, "cluster")))
		require.Equal(t, 2, startWithoutNamespaces(t, dir).rows)
	})

	t.Run("a data directory that was removed begins with an empty database", func(t *testing.T) {
		dir := closedDir(t)
		for range 2 {
			o := startWithoutNamespaces(t, dir)
			require.Equal(t, 1, o.rows)
			o.kill(t)
			awaitNoServer(t, dir)
			require.NoError(t, os.RemoveAll(dir))
		}
	})
}

func installedMajor(t *testing.T) string {
	t.Helper()
	b, err := embedded.Find()
	require.NoError(t, err)
	return strconv.Itoa(b.Major)
}

// TestAsOrdinaryUser runs this suite again as the account nobody.
func TestAsOrdinaryUser(t *testing.T) {
	requireRoot(t)
	home := sharedDir(t)
	program := filepath.Join(home, "embedded.test")
	copyProgram(t, program)
	require.NoError(t, os.Mkdir(filepath.Join(home, "tmp"), 0o700))
	require.NoError(t, os.Chown(filepath.Join(home, "tmp"), 65534, 65534))

	cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestServer", "-test.v")
	cmd.Dir = filepath.Join(home, "tmp")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "TMPDIR=" + filepath.Join(home, "tmp")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "--- PASS: TestServer_KilledOwner")
	require.Contains(t, string(out), "--- PASS: TestServer_StartRefuses")
	require.NotContains(t, string(out), "SKIP")
}

// copyProgram copies this test program to where another account may run it.
func copyProgram(t *testing.T, to string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	from, err := os.Open(self)
	require.NoError(t, err)
	defer func() { require.NoError(t, from.Close()) }()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	require.NoError(t, err)
	_, err = io.Copy(target, from)
	require.NoError(t, err)
	require.NoError(t, target.Close())
}

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

// runsAs is the user id the process runs as, as this process counts.
func runsAs(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(status), "\nUid:\t")
	require.True(t, found)
	own, _, _ := strings.Cut(rest, "\t")
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

// closedDir is a directory below one that only root may enter, as in root's home.
func closedDir(t *testing.T) string {
	t.Helper()
	closed := t.TempDir()
	require.NoError(t, os.Chmod(closed, 0o700))
	return filepath.Join(closed, "data")
}

// TestAsRoot_InNamespace is about the first way: root seen as an account. It is
// tested wherever the kernel allows user namespaces.
func TestAsRoot_InNamespace(t *testing.T) {
	requireRoot(t)
	if !hasNamespaces(t) {
		t.Skip("user namespaces are forbidden here; TestAsRoot_AsAccount tests the way that remains")
	}

	t.Run("the server sees an account, and the files stay root's, where only root may enter", func(t *testing.T) {
		dir := closedDir(t)
		s := start(t, embedded.Config{DataDir: dir})
		require.Zero(t, runsAs(t, s.PID()))
		info, err := os.Lstat(filepath.Join(dir, "cluster"))
		require.NoError(t, err)
		require.True(t, info.IsDir(), "the cluster is in the data directory")
		require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			require.NoError(t, err)
			info, err := os.Lstat(path)
			if os.IsNotExist(err) {
				return nil // The live server has removed it meanwhile.
			}
			require.NoError(t, err)
			owner, ok := info.Sys().(*syscall.Stat_t)
			require.True(t, ok)
			require.Zero(t, owner.Uid, path)
			return nil
		}))
	})

	t.Run("a cluster made in a namespace moves to the account where namespaces are forbidden", func(t *testing.T) {
		dir := sharedDir(t)
		s := start(t, embedded.Config{DataDir: dir})
		execSQL(t, s, "create table kept (n int); insert into kept values (1)")
		require.NoError(t, s.Stop(t.Context()))

		o := startWithoutNamespaces(t, dir)
		require.NotZero(t, runsAs(t, o.serverPID))
		o.kill(t)
		awaitNoServer(t, dir)
		again := start(t, embedded.Config{DataDir: dir})
		require.Equal(t, 2, query[int](t, again, "select count(*)::int from kept"))
	})
}

// TestAsRoot_AsAccount is about the second way: an account serves, because
// namespaces are forbidden or because the cluster is an account's already.
func TestAsRoot_AsAccount(t *testing.T) {
	requireRoot(t)

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

	t.Run("a cluster that the account cannot reach is refused with advice", func(t *testing.T) {
		closed := closedDir(t)
		require.NoError(t, os.MkdirAll(filepath.Join(closed, "cluster"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(closed, "cluster", "PG_VERSION"), []byte(installedMajor(t)), 0o600))
		giveCluster(t, closed, 65534)
		_, err := embedded.Start(t.Context(), embedded.Config{DataDir: closed, Logger: slog.New(slog.DiscardHandler)})
		require.ErrorContains(t, err, "move the data directory out of home directories")
		require.ErrorContains(t, err, "PRAXIS_DATA_DIR")
	})
}

func TestFoundO4_RootInAClosedDirectoryWithoutNamespaces(t *testing.T) {
	requireRoot(t)

	t.Run("the server's files go where its account can reach them, and the next start finds them", func(t *testing.T) {
		account, dir, accounts := serverAccount(t), closedDir(t), filepath.Join(sharedDir(t), "lib")
		for want := 1; want <= 2; want++ {
			o := startWithoutNamespaces(t, dir, accountDirEnv+"="+accounts)
			require.Equal(t, account.Uid, strconv.Itoa(runsAs(t, o.serverPID)))
			require.Equal(t, want, o.rows)
			o.kill(t)
			awaitNoServer(t, dir)
		}
		homes, err := os.ReadDir(accounts)
		require.NoError(t, err)
		require.Len(t, homes, 1)
		target, err := os.Readlink(filepath.Join(dir, "cluster"))
		require.NoError(t, err)
		require.Equal(t, filepath.Join(accounts, homes[0].Name(), "cluster"), target)
	})

	t.Run("a data directory that was removed begins with an empty database", func(t *testing.T) {
		dir, accounts := closedDir(t), filepath.Join(sharedDir(t), "lib")
		for range 2 {
			o := startWithoutNamespaces(t, dir, accountDirEnv+"="+accounts)
			require.Equal(t, 1, o.rows)
			o.kill(t)
			awaitNoServer(t, dir)
			require.NoError(t, os.RemoveAll(dir))
		}
	})

	t.Run("where neither place can be reached, it says so before anything is installed", func(t *testing.T) {
		dir, accounts := closedDir(t), closedDir(t)
		require.NoError(t, os.MkdirAll(accounts, 0o755))
		said := failOwner(t, dir, accountDirEnv+"="+accounts, "PATH=", embedded.BinEnv+"="+t.TempDir())
		require.Contains(t, said, "which can reach neither the data directory "+dir+" nor "+accounts)
		require.Contains(t, said, "PRAXIS_DATA_DIR")
		require.NotContains(t, said, embedded.BinEnv)
	})
}

// failOwner runs an owner that cannot start and returns what it said.
func failOwner(t *testing.T, dir string, env ...string) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(append(os.Environ(), ownerDirEnv+"="+dir), env...)
	if hasNamespaces(t) {
		cmd.SysProcAttr = containerLike()
		cmd.Env = append(cmd.Env, noNamespacesEnv+"=1")
	}
	out, err := cmd.Output()
	require.Error(t, err)
	return string(out)
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

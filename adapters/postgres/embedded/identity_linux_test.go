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

func TestAsRoot(t *testing.T) {
	requireRoot(t)

	t.Run("the server sees an account, and the files stay root's", func(t *testing.T) {
		dir := sharedDir(t)
		s := start(t, embedded.Config{DataDir: dir})
		require.Zero(t, runsAs(t, s.PID()))
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

	t.Run("a cluster that belongs to an account is served by that account", func(t *testing.T) {
		dir := sharedDir(t)
		s := start(t, embedded.Config{DataDir: dir})
		execSQL(t, s, "create table kept as select 7 as n")
		require.NoError(t, s.Stop(t.Context()))
		require.NoError(t, filepath.WalkDir(filepath.Join(dir, "cluster"), func(path string, _ fs.DirEntry, err error) error {
			require.NoError(t, err)
			return os.Lchown(path, 65534, 65534)
		}))
		again := start(t, embedded.Config{DataDir: dir})
		require.Equal(t, 65534, runsAs(t, again.PID()))
		require.Equal(t, 7, query[int](t, again, "select n from kept"))
	})

	t.Run("where user namespaces are forbidden, an account serves, and dies with its owner", func(t *testing.T) {
		account, err := user.Lookup("postgres")
		if err != nil {
			account, err = user.Lookup("nobody")
		}
		require.NoError(t, err)
		dir := filepath.Join(sharedDir(t), "data")
		o := startOwner(t, dir, containerLike(), noNamespacesEnv+"=1")
		require.Equal(t, account.Uid, strconv.Itoa(runsAs(t, o.serverPID)))
		o.kill(t)
		awaitNoServer(t, dir)

		s := start(t, embedded.Config{DataDir: dir})
		require.Equal(t, account.Uid, strconv.Itoa(runsAs(t, s.PID())), "the cluster keeps the account that has it")
		require.Equal(t, 1, query[int](t, s, "select count(*)::int from kept"))
	})

	t.Run("a cluster made in a namespace moves to the account where namespaces are forbidden", func(t *testing.T) {
		dir := sharedDir(t)
		s := start(t, embedded.Config{DataDir: dir})
		execSQL(t, s, "create table kept (n int); insert into kept values (1)")
		require.NoError(t, s.Stop(t.Context()))

		o := startOwner(t, dir, containerLike(), noNamespacesEnv+"=1")
		require.NotZero(t, runsAs(t, o.serverPID))
		o.kill(t)
		awaitNoServer(t, dir)
		again := start(t, embedded.Config{DataDir: dir})
		require.Equal(t, 2, query[int](t, again, "select count(*)::int from kept"))
	})

	t.Run("a data directory the account cannot reach is refused with advice", func(t *testing.T) {
		closed := t.TempDir()
		require.NoError(t, os.Chmod(closed, 0o700))
		require.NoError(t, os.MkdirAll(filepath.Join(closed, "data", "cluster"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(closed, "data", "cluster", "PG_VERSION"), []byte(installedMajor(t)), 0o600))
		require.NoError(t, os.Chown(filepath.Join(closed, "data", "cluster"), 65534, 65534))
		_, err := embedded.Start(t.Context(), embedded.Config{DataDir: filepath.Join(closed, "data"), Logger: slog.New(slog.DiscardHandler)})
		require.ErrorContains(t, err, "choose a data directory outside of home directories")
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

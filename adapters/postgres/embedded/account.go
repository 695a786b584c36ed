package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// account is whom the server programs run as. PostgreSQL refuses to run as root,
// so a praxis process that is root has another account for them: the one that a
// cluster belongs to already, else postgres or nobody. Only what this package
// made is given to it. Where the data directory is closed to the account, as below
// root's home, it may enter all the same (Linux).
type account struct {
	// name is for logs and errors.
	name string
	// credential is the account, nil for the one of this process.
	credential *syscall.Credential
	// reachesAll says that no directory is closed to it.
	reachesAll bool
}

// chooseAccount decides whom the programs run as for a cluster, which need not
// exist yet. It needs no PostgreSQL, so that what cannot work is known before one
// is installed.
func chooseAccount(cluster string) (account, error) {
	if os.Geteuid() != 0 {
		return account{name: "current user"}, nil
	}
	if owner, ok := ownerOf(cluster); ok && owner != 0 {
		u, err := user.LookupId(strconv.Itoa(owner))
		if err != nil {
			return account{}, fmt.Errorf("the cluster %s belongs to user id %d, which has no account on this machine; give it to an account that exists (chown -R postgres): %w", cluster, owner, err)
		}
		return accountOf(u)
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return accountOf(u)
		}
	}
	return account{}, fmt.Errorf("PostgreSQL refuses to run as root and there is neither an account postgres nor nobody; create one (useradd --system postgres) or run praxis as an ordinary user")
}

func accountOf(u *user.User) (account, error) {
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return account{}, fmt.Errorf("read the user and group id of account %s: %w", u.Username, err)
	}
	return account{name: "account " + u.Username, credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

// command is a server program as this account runs it: in a process group of its
// own, so that a Ctrl-C at the terminal reaches praxis alone, which then stops the
// program in order. Its processes keep the lock of the cluster while they run.
func (a account) command(ctx context.Context, lock *os.File, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = "/", childEnv()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: a.credential}
	if a.reachesAll {
		reachEverywhere(cmd.SysProcAttr)
	}
	if lock != nil {
		cmd.ExtraFiles = []*os.File{lock}
	}
	return cmd
}

// reaching is the account, able to enter the data directory and that of the cluster.
func (a account) reaching(ctx context.Context, dataDir, clusterDir string) (account, error) {
	if a.credential == nil {
		return a, nil
	}
	enter := []string{"-c", `cd "$1" && cd "$2"`, "sh", dataDir, clusterDir}
	err := a.try(ctx, "/bin/sh", enter...)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EINVAL) {
		return account{}, fmt.Errorf("PostgreSQL refuses to run as root, and this process may not run it as %s either; run praxis as an ordinary user: %w", a.name, err)
	}
	if err == nil {
		return a, nil
	}
	a.reachesAll = true
	if a.try(ctx, "/bin/sh", enter...) != nil {
		return account{}, fmt.Errorf("PostgreSQL runs as %s, which cannot reach the data directory %s; move it out of home directories (for example to /var/lib/praxis) and name its new place in PRAXIS_DATA_DIR: %w", a.name, dataDir, err)
	}
	return a, nil
}

// probe runs the server program of b. A place that is closed to the account does
// not do, whatever it may enter: PostgreSQL judges that by the account alone.
func (a account) probe(ctx context.Context, b Binaries) error {
	a.reachesAll = false
	if err := a.try(ctx, b.Postgres(), "--version"); err != nil {
		return fmt.Errorf("PostgreSQL runs as %s, which cannot run the programs in %s; name a directory that it can reach in %s: %w", a.name, b.Dir, BinEnv, err)
	}
	return nil
}

// try runs a program that ends soon as the account.
func (a account) try(ctx context.Context, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := output(a.command(ctx, nil, program, args...))
	return err
}

// own gives one file this package created to the account.
func (a account) own(path string) error {
	if a.credential == nil {
		return nil
	}
	if err := os.Lchown(path, int(a.credential.Uid), int(a.credential.Gid)); err != nil {
		return fmt.Errorf("give %s to %s: %w", path, a.name, err)
	}
	return nil
}

// ownTree gives a cluster this package created to the account, where it does not
// have it yet. Links are changed themselves, never followed.
func (a account) ownTree(dir string) error {
	if owner, ok := ownerOf(dir); a.credential == nil || !ok || owner != 0 {
		return nil
	}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		return a.own(path)
	})
	if err != nil {
		return fmt.Errorf("give the cluster to %s: %w", a.name, err)
	}
	// The directory itself last: an interrupted walk is started again.
	return a.own(dir)
}

// ownerOf is the user id a file belongs to; ok is false where there is none.
func ownerOf(path string) (uid int, ok bool) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(stat.Uid), true
}

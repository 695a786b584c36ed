package embedded

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// identity is whom the server programs run as. PostgreSQL refuses to run as
// root, so a praxis process that is root has to be somebody else for them:
//
//  1. a cluster that already belongs to an account keeps it;
//  2. else a user namespace in which root is seen as the account nobody
//     (Linux): nothing changes hands, files stay root's, and directories below
//     root's home stay reachable;
//  3. else, because many containers forbid new user namespaces, the account
//     postgres or nobody, to which only what this package created is given.
//
// The namespace comes first because it asks nothing of the host and cannot
// leave files behind that root's other tools are surprised by. The account is
// the one that works in a container with default restrictions.
type identity struct {
	// name is for logs and errors.
	name string
	// uid and gid own the files, as the host counts.
	uid, gid int
	// chown says that files must be given to uid and gid.
	chown bool
	// apply makes a child process this identity.
	apply func(*syscall.SysProcAttr)
}

// chooseIdentity decides whom the programs run as for the cluster directory,
// which need not exist yet. It needs no PostgreSQL, so that what cannot work is
// known before one is installed.
func chooseIdentity(ctx context.Context, cluster string, log *slog.Logger) (identity, error) {
	if os.Geteuid() != 0 {
		return identity{name: "current user", uid: os.Geteuid(), gid: os.Getegid(), apply: func(*syscall.SysProcAttr) {}}, nil
	}
	if owner, ok := ownerOf(cluster); ok && owner != 0 {
		account, err := user.LookupId(strconv.Itoa(owner))
		if err != nil {
			return identity{}, fmt.Errorf("the cluster %s belongs to user id %d, which has no account on this machine; give it to an account that exists (chown -R postgres): %w", cluster, owner, err)
		}
		return accountIdentity(account)
	}
	if id, ok := namespaceIdentity(); ok {
		err := id.reach(ctx, "/")
		if err == nil {
			return id, nil
		}
		log.DebugContext(ctx, "PostgreSQL cannot run in a user namespace here, using an account instead", "reason", err.Error())
	}
	for _, name := range []string{"postgres", "nobody"} {
		if account, err := user.Lookup(name); err == nil {
			return accountIdentity(account)
		}
	}
	return identity{}, fmt.Errorf("PostgreSQL refuses to run as root and there is neither an account postgres nor nobody; create one (useradd --system postgres) or run praxis as an ordinary user")
}

func accountIdentity(account *user.User) (identity, error) {
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return identity{}, fmt.Errorf("read the user id of account %s: %w", account.Username, err)
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return identity{}, fmt.Errorf("read the group id of account %s: %w", account.Username, err)
	}
	return identity{
		name: "account " + account.Username, uid: int(uid), gid: int(gid), chown: true,
		apply: func(attr *syscall.SysProcAttr) {
			attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		},
	}, nil
}

// reach reports whether this identity can work in dir: the kernel may forbid the
// identity, or its account may not enter a directory on the way.
func (id identity) reach(ctx context.Context, dir string) error {
	return id.run(ctx, dir, "/bin/sh", "-c", ":")
}

// probe runs the server program of b as this identity.
func (id identity) probe(ctx context.Context, b Binaries) error {
	if err := id.run(ctx, "/", b.Postgres(), "--version"); err != nil {
		return fmt.Errorf("PostgreSQL runs as %s, which cannot run the programs in %s; name a directory that it can reach in %s: %w", id.name, b.Dir, BinEnv, err)
	}
	return nil
}

// run runs a program as this identity inside dir.
func (id identity) run(ctx context.Context, dir, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = dir, childEnv(), &syscall.SysProcAttr{}
	id.apply(cmd.SysProcAttr)
	return cmd.Run()
}

// own gives one file this package created to the identity.
func (id identity) own(path string) error {
	if !id.chown {
		return nil
	}
	if err := os.Lchown(path, id.uid, id.gid); err != nil {
		return fmt.Errorf("give %s to %s: %w", path, id.name, err)
	}
	return nil
}

// ownTree gives a cluster this package created to the identity, where it does
// not have it yet. Links are changed themselves, never followed.
func (id identity) ownTree(dir string) error {
	if owner, ok := ownerOf(dir); !id.chown || !ok || owner == id.uid {
		return nil
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		return id.own(path)
	})
	if err != nil {
		return fmt.Errorf("give the cluster to %s: %w", id.name, err)
	}
	// The directory itself last: an interrupted walk is started again.
	return id.own(dir)
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

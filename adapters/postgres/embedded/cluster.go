package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// superuser owns the embedded cluster and everything in it.
const superuser = "praxis"

// VersionError says that a cluster belongs to another major version than the
// programs at hand. Nothing is touched.
type VersionError struct {
	// Cluster is the directory of the cluster.
	Cluster string
	// Data and Programs are the major versions that do not fit.
	Data, Programs int
}

// Error implements error.
func (e *VersionError) Error() string {
	return fmt.Sprintf("the cluster %s belongs to PostgreSQL %d but the programs are PostgreSQL %d; install PostgreSQL %d or name its directory in %s; to move to %d, stop praxis and run pg_upgrade, or choose an empty data directory and rebuild the read models",
		e.Cluster, e.Data, e.Programs, e.Data, BinEnv, e.Programs)
}

// clusterOf is where the cluster of dataDir is, or will be: in it, or where a link
// in it leads. Earlier releases made such links.
func clusterOf(dataDir string) string {
	cluster := filepath.Join(dataDir, "cluster")
	if target, err := filepath.EvalSymlinks(cluster); err == nil {
		return target
	}
	return cluster
}

// clusterMajor is the major version a cluster belongs to, 0 where there is no
// cluster yet. A directory that is there but is no cluster is an error.
func clusterMajor(cluster string) (int, error) {
	content, err := os.ReadFile(filepath.Join(cluster, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		if _, err := os.Lstat(cluster); errors.Is(err, os.ErrNotExist) {
			return 0, nil
		}
		return 0, fmt.Errorf("%s is there but holds no PostgreSQL cluster (no PG_VERSION); move it away or restore it, praxis does not delete it", cluster)
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of the cluster: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return 0, fmt.Errorf("%s holds no version that praxis knows; restore it from a backup", filepath.Join(cluster, "PG_VERSION"))
	}
	return major, nil
}

// createCluster makes a new cluster beside its final place and renames it
// there, so a cluster that exists is a whole one.
func createCluster(ctx context.Context, b Binaries, as account, lock *os.File, cluster string, durable bool) error {
	unfinished := cluster + ".initdb"
	var err error
	for _, locale := range localeArgs(b.Major) {
		if err = clearUnfinished(unfinished); err != nil {
			return err
		}
		if err = os.Mkdir(unfinished, 0o700); err != nil {
			return fmt.Errorf("create the cluster directory: %w", err)
		}
		if err = as.own(unfinished); err != nil {
			return err
		}
		if err = initdb(ctx, b, as, lock, unfinished, locale, durable); err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return err
	}
	if err := os.Rename(unfinished, cluster); err != nil {
		return fmt.Errorf("put the new cluster in its place: %w", err)
	}
	return nil
}

// localeArgs are the locales to try: text is UTF-8, compared byte by byte on
// every machine alike (indexes survive a new C library), with upper and lower
// case of all of Unicode where the system has that.
func localeArgs(major int) [][]string {
	if major >= 17 {
		return [][]string{{"--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"}}
	}
	return [][]string{{"--locale=C", "--lc-ctype=C.UTF-8"}, {"--locale=C"}}
}

func initdb(ctx context.Context, b Binaries, as account, lock *os.File, dir string, locale []string, durable bool) error {
	args := append([]string{
		"--pgdata=" + dir, "--username=" + superuser, "--encoding=UTF8", "--data-checksums",
		// Only who may enter the socket directory connects; no network at all.
		"--auth-local=trust", "--auth-host=reject",
	}, locale...)
	if !durable {
		args = append(args, "--no-sync")
	}
	cmd := as.command(ctx, lock, b.Initdb(), args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = 10 * time.Second
	if _, err := output(cmd); err != nil {
		return fmt.Errorf("create a PostgreSQL cluster in %s: %w", dir, err)
	}
	return nil
}

// clearUnfinished removes what an interrupted initdb left. No server has ever
// run on it: one that has leaves postmaster.opts behind, and is kept.
func clearUnfinished(dir string) error {
	if _, err := os.Lstat(filepath.Join(dir, "postmaster.opts")); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s holds a cluster that was in use; move it away, praxis does not delete it", dir)
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove an unfinished cluster: %w", err)
	}
	return nil
}

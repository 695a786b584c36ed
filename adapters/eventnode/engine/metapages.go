package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
)

// A bbolt file starts with two meta pages that are written in turn. When one is
// damaged bbolt silently goes on with the other, which is one commit older: an
// acknowledged append would be gone and its positions handed out again. The
// engine therefore demands that both are intact, and that they are of two commits
// in a row, each in its place: commit n writes page n mod 2. (A meta page lies
// within one disk sector, so a commit that was cut off leaves the old one whole.)
const (
	metaOffset   = 16 // behind the page header
	commitOffset = 48 // the commit's number, within the meta
	metaLength   = 56 // covered by the checksum that follows
)

// checkMetaPages verifies both meta pages of an open file.
func checkMetaPages(path string, pageSize int) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open event log: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	meta := make([]byte, metaLength+8)
	var commits [2]uint64
	for page := range 2 {
		if _, err := file.ReadAt(meta, int64(page*pageSize+metaOffset)); err != nil {
			return fmt.Errorf("read meta page: %w", err)
		}
		sum := fnv.New64a()
		_, _ = sum.Write(meta[:metaLength]) // a hash never fails
		if sum.Sum64() != binary.NativeEndian.Uint64(meta[metaLength:]) {
			return &CorruptionError{Bucket: bucketFile, Problem: fmt.Sprintf("the checksum of meta page %d does not match, so the last commit may be missing", page)}
		}
		commits[page] = binary.NativeEndian.Uint64(meta[commitOffset:])
	}
	if max(commits[0], commits[1])-min(commits[0], commits[1]) != 1 || commits[0]%2 != 0 {
		return &CorruptionError{Bucket: bucketFile, Problem: fmt.Sprintf("the meta pages are of the commits %d and %d, so the last commit may be missing", commits[0], commits[1])}
	}
	return nil
}

package engine

import (
	"encoding/binary"
	"os"

	"go.etcd.io/bbolt"
)

// bbolt maps its file and tells the kernel that reads are at random, which is
// right for streams. A read of the whole log that is not in memory would then
// wait for the disk at every single page. So each page of such a read looks up,
// in the tree's inner pages, where the next events are, and lets the kernel
// fetch them meanwhile.

// leavesAhead is how many pages are fetched ahead: about what two pages of a
// read hold.
const leavesAhead = 2 * pageBytes / 4096

// deepest is more levels than any log has; a damaged one may seem to have no end.
const deepest = 8

// fetchAhead lets the kernel fetch the pages of the log behind a position.
// An error here is met again, and reported, by the read itself.
func (e *Engine) fetchAhead(tx *bbolt.Tx, position uint64) {
	size := int64(tx.DB().Info().PageSize)
	for _, leaf := range leavesBehind(e.file, tx, position, leavesAhead) {
		fetch(e.file, int64(leaf)*size, size)
	}
}

// leavesBehind lists at most limit leaf pages of the log that come after the one
// that holds position.
func leavesBehind(file *os.File, tx *bbolt.Tx, position uint64, limit int) []uint64 {
	w := leafWalk{file: file, page: make([]byte, tx.DB().Info().PageSize), limit: limit}
	root := uint64(tx.Bucket([]byte(bucketLog)).RootPage())
	depth := 0
	for page := root; depth <= deepest; depth++ {
		children, at := w.children(page, position)
		if len(children) == 0 {
			break // a leaf, which is in memory because it was just read
		}
		page = children[at]
	}
	if depth > deepest {
		return nil
	}
	w.visit(root, position, depth)
	if len(w.leaves) == 0 {
		return nil
	}
	return w.leaves[1:]
}

// leafWalk collects leaf pages in the order of their keys.
type leafWalk struct {
	file   *os.File
	page   []byte
	limit  int
	leaves []uint64
}

// visit collects the leaves at most depth levels below a page, from the one that
// holds position on. It never reads a leaf.
func (w *leafWalk) visit(page, position uint64, depth int) {
	if depth == 0 {
		w.leaves = append(w.leaves, page)
		return
	}
	children, at := w.children(page, position)
	for ; at < len(children) && len(w.leaves) <= w.limit; at++ {
		w.visit(children[at], position, depth-1)
	}
}

// children returns the pages below an inner page and which of them holds a
// position; none for a leaf, or for a page that makes no sense.
func (w *leafWalk) children(id, position uint64) (pages []uint64, at int) {
	if _, err := w.file.ReadAt(w.page, int64(id)*int64(len(w.page))); err != nil || binary.NativeEndian.Uint16(w.page[8:]) != flagBranch {
		return nil, 0
	}
	count := int(binary.NativeEndian.Uint16(w.page[10:]))
	if pageHeaderBytes+count*branchEntryBytes > len(w.page) {
		return nil, 0
	}
	for i := range count {
		offset := pageHeaderBytes + i*branchEntryBytes
		entry := w.page[offset:]
		key := offset + int(binary.NativeEndian.Uint32(entry))
		if binary.NativeEndian.Uint32(entry[4:]) != 8 || key < 0 || key > len(w.page)-8 {
			return nil, 0
		}
		if binary.BigEndian.Uint64(w.page[key:]) <= position {
			at = i
		}
		pages = append(pages, binary.NativeEndian.Uint64(entry[8:]))
	}
	return pages, at
}

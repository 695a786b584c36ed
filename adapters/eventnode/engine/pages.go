package engine

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"slices"

	"go.etcd.io/bbolt"
)

// bbolt's pages have no checksums, but for the meta pages, so verifying reads them
// before any cursor does: every page of the file must be used once or be free. A
// page that is used and listed as free would be overwritten by a later commit, one
// that is lost betrays damage of the list, and a cycle would make bbolt recurse
// without end. (bbolt's own Check believes the lengths in damaged pages and can use
// up all memory, and does not stop at a cycle.)
const (
	pageHeaderBytes = 16
	flagBranch      = 0x01
	flagLeaf        = 0x02
	flagFreeList    = 0x10
	firstDataPage   = 2      // behind the two meta pages
	longList        = 0xFFFF // the list's length stands in front of its entries
)

// pageHeader is how every page begins.
type pageHeader struct {
	ID       uint64
	Flags    uint16
	Count    uint16
	Overflow uint32
}

// branchEntry leads from an inner page to another one.
type branchEntry struct {
	KeyPosition, KeySize uint32
	Page                 uint64
}

// metaPage is what follows the header of the first two pages. The checksum is of
// all that is in front of it.
type metaPage struct {
	Magic, Version, PageSize, Flags                   uint32
	Root, Sequence, FreeList, Pages, Commit, Checksum uint64
}

// lastMeta reads both meta pages and returns the one of the last commit. bbolt
// writes them in turn, and when one is damaged it silently goes on with the other,
// which is one commit older: an acknowledged append would be gone and its positions
// handed out again. The engine therefore demands that both are intact, and that
// they are of two commits in a row, each in its place: commit n writes page n mod 2.
// (A meta page lies within one disk sector, so a commit that was cut off leaves the
// old one whole.)
//
// The file must also hold every page that was ever committed: a copy that broke off
// ends earlier, and reading on would be a fault of memory.
func (e *Engine) lastMeta() (metaPage, error) {
	var metas [2]metaPage
	for page := range metas {
		raw := make([]byte, binary.Size(metaPage{}))
		if _, err := e.file.ReadAt(raw, int64(page*e.db.Info().PageSize+pageHeaderBytes)); err != nil {
			return metaPage{}, fmt.Errorf("read meta page: %w", err)
		}
		if _, err := binary.Decode(raw, binary.NativeEndian, &metas[page]); err != nil {
			return metaPage{}, fmt.Errorf("read meta page: %w", err)
		}
		sum := fnv.New64a()
		_, _ = sum.Write(raw[:len(raw)-8]) // a hash never fails
		if sum.Sum64() != metas[page].Checksum {
			return metaPage{}, damagedFile("the checksum of meta page %d does not match, so the last commit may be missing", page)
		}
	}
	even, odd := metas[0].Commit, metas[1].Commit
	if max(even, odd)-min(even, odd) != 1 || even%2 != 0 {
		return metaPage{}, damagedFile("the meta pages are of the commits %d and %d, so the last commit may be missing", even, odd)
	}
	last := metas[max(even, odd)%2]
	info, err := e.file.Stat()
	if err != nil {
		return metaPage{}, fmt.Errorf("look at the event log: %w", err)
	}
	if written := int64(last.Pages) * int64(last.PageSize); info.Size() < written {
		return metaPage{}, damagedFile("it has %d bytes where %d were written", info.Size(), written)
	}
	return last, nil
}

// pageWalk marks the pages that are in use.
type pageWalk struct {
	file io.ReaderAt
	size uint64
	used []bool
}

// verifyPages accounts for every page of the file.
func (e *Engine) verifyPages(tx *bbolt.Tx) error {
	meta, err := e.lastMeta()
	if err != nil {
		return err
	}
	walk := &pageWalk{file: e.file, size: uint64(meta.PageSize), used: make([]bool, meta.Pages)}
	if err := walk.visit(meta.Root); err != nil {
		return err
	}
	for _, name := range buckets() {
		root := uint64(tx.Bucket([]byte(name)).RootPage())
		if root == 0 {
			continue // a small bucket lives inside the root's page
		}
		if err := walk.visit(root); err != nil {
			return err
		}
	}
	listed, err := walk.freeList(meta.FreeList)
	if err != nil {
		return err
	}
	free := uint64(0)
	for id := uint64(firstDataPage); id < meta.Pages; id++ {
		info, err := tx.Page(int(id))
		if err != nil {
			return fmt.Errorf("look up page %d: %w", id, err)
		}
		switch isFree := info.Type == "free"; {
		case isFree && walk.used[id]:
			return damagedPage(id, "is used and listed as free")
		case isFree:
			free++
		case !walk.used[id]:
			return damagedPage(id, "is neither used nor free")
		}
	}
	if free != listed {
		return damagedFile("%d pages are free but %d are listed", free, listed)
	}
	return nil
}

// visit marks a page of a bucket and what it leads to.
func (w *pageWalk) visit(id uint64) error {
	header, err := w.mark(id, flagBranch, flagLeaf)
	if err != nil || header.Flags == flagLeaf {
		return err
	}
	entries := make([]branchEntry, header.Count)
	if header.Count == 0 || uint64(pageHeaderBytes+binary.Size(entries)) > (uint64(header.Overflow)+1)*w.size {
		return damagedPage(id, "has a damaged header")
	}
	if err := w.read(id, pageHeaderBytes, entries); err != nil {
		return err
	}
	for _, entry := range entries {
		if err := w.visit(entry.Page); err != nil {
			return err
		}
	}
	return nil
}

// freeList marks the pages of the list of free pages and returns how many it names.
func (w *pageWalk) freeList(id uint64) (uint64, error) {
	header, err := w.mark(id, flagFreeList)
	listed := uint64(header.Count)
	if err == nil && listed == longList {
		err = w.read(id, pageHeaderBytes, &listed)
	}
	return listed, err
}

// mark marks a page as used, with those that it runs on into.
func (w *pageWalk) mark(id uint64, kinds ...uint16) (pageHeader, error) {
	var header pageHeader
	total := uint64(len(w.used))
	if id < firstDataPage || id >= total {
		return header, damagedPage(id, "lies outside the file")
	}
	if err := w.read(id, 0, &header); err != nil {
		return header, err
	}
	if header.ID != id || !slices.Contains(kinds, header.Flags) || uint64(header.Overflow) >= total-id {
		return header, damagedPage(id, "has a damaged header")
	}
	for used := id; used <= id+uint64(header.Overflow); used++ {
		if w.used[used] {
			return header, damagedPage(used, "is used twice")
		}
		w.used[used] = true
	}
	return header, nil
}

// read decodes what is at an offset of a page.
func (w *pageWalk) read(id, offset uint64, into any) error {
	section := io.NewSectionReader(w.file, int64(id*w.size+offset), int64(binary.Size(into)))
	if err := binary.Read(section, binary.NativeEndian, into); err != nil {
		return fmt.Errorf("read page %d: %w", id, err)
	}
	return nil
}

func damagedPage(id uint64, problem string) error {
	return damagedFile("page %d %s", id, problem)
}

func damagedFile(problem string, details ...any) error {
	return &CorruptionError{Bucket: bucketFile, Problem: fmt.Sprintf(problem, details...)}
}

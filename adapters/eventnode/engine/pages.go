package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"go.etcd.io/bbolt"
)

// bbolt's pages have no checksums, so verifying reads them before any cursor
// does: every page of the file must be used once or be free. A page that is used
// and listed as free would be overwritten by a later commit, one that is lost
// betrays damage of the list, and a cycle would make bbolt recurse without end.
// (bbolt's own Check believes the lengths in damaged pages and can use up all
// memory.)
const (
	pageHeaderBytes  = 16 // id 8, flags 2, count 2, overflow 4
	branchEntryBytes = 16 // position 4, key size 4, page 8
	flagBranch       = 0x01
	flagLeaf         = 0x02
	firstDataPage    = 2 // behind the two meta pages
	longList         = 0xFFFF
)

// pageWalk marks the pages that are in use.
type pageWalk struct {
	file *os.File
	size uint64
	used []bool
}

// checkLength demands that the file holds every page that was ever committed: a
// copy that broke off ends earlier, and reading on would be a fault of memory.
func (e *Engine) checkLength(tx *bbolt.Tx) error {
	info, err := e.file.Stat()
	if err != nil {
		return fmt.Errorf("look at the event log: %w", err)
	}
	if info.Size() < tx.Size() {
		return &CorruptionError{Bucket: bucketFile, Problem: fmt.Sprintf("it has %d bytes where %d were written", info.Size(), tx.Size())}
	}
	return nil
}

// verifyPages accounts for every page of the file.
func verifyPages(tx *bbolt.Tx) (err error) {
	file, err := os.Open(tx.DB().Path())
	if err != nil {
		return fmt.Errorf("open event log: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	size := uint64(tx.DB().Info().PageSize)
	walk := &pageWalk{file: file, size: size, used: make([]bool, uint64(tx.Size())/size)}
	root := tx.Cursor().Bucket()
	if err := walk.visit(uint64(root.RootPage())); err != nil {
		return err
	}
	for _, name := range []string{bucketMeta, bucketLog, bucketStreams, bucketIndex} {
		page := uint64(tx.Bucket([]byte(name)).RootPage())
		if page == 0 {
			continue // a small bucket lives inside the root's page
		}
		if err := walk.visit(page); err != nil {
			return err
		}
	}
	return walk.compareWithFreePages(tx)
}

// visit marks a page and what it leads to.
func (w *pageWalk) visit(id uint64) error {
	total := uint64(len(w.used))
	if id < firstDataPage || id >= total {
		return damagedPage(id, "lies outside the file")
	}
	header := make([]byte, pageHeaderBytes)
	if _, err := w.file.ReadAt(header, int64(id*w.size)); err != nil {
		return fmt.Errorf("read page %d: %w", id, err)
	}
	flags, count := binary.NativeEndian.Uint16(header[8:]), uint64(binary.NativeEndian.Uint16(header[10:]))
	pages := uint64(binary.NativeEndian.Uint32(header[12:])) + 1
	if binary.NativeEndian.Uint64(header) != id || (flags != flagBranch && flags != flagLeaf) || pages > total-id {
		return damagedPage(id, "has a damaged header")
	}
	for used := id; used < id+pages; used++ {
		if w.used[used] {
			return damagedPage(used, "is used twice")
		}
		w.used[used] = true
	}
	if flags == flagLeaf {
		return nil
	}
	if count == 0 || pageHeaderBytes+count*branchEntryBytes > pages*w.size {
		return damagedPage(id, "has a damaged header")
	}
	entries := make([]byte, count*branchEntryBytes)
	if _, err := w.file.ReadAt(entries, int64(id*w.size+pageHeaderBytes)); err != nil {
		return fmt.Errorf("read page %d: %w", id, err)
	}
	for ; len(entries) > 0; entries = entries[branchEntryBytes:] {
		if err := w.visit(binary.NativeEndian.Uint64(entries[8:])); err != nil {
			return err
		}
	}
	return nil
}

// compareWithFreePages demands that the pages that are not used are free, but
// for those of the list of free pages, and that this list names no others.
func (w *pageWalk) compareWithFreePages(tx *bbolt.Tx) error {
	total := uint64(len(w.used))
	free, listEnd, listed := uint64(0), uint64(0), uint64(0)
	for id := uint64(firstDataPage); id < total; id++ {
		info, err := tx.Page(int(id))
		if err != nil {
			return fmt.Errorf("look up page %d: %w", id, err)
		}
		isFree, isList := info.Type == "free", id < listEnd
		switch {
		case w.used[id] && isList:
			return damagedPage(id, "is used twice")
		case isFree && (w.used[id] || isList):
			return damagedPage(id, "is used and listed as free")
		case isFree:
			free++
		case w.used[id] || isList:
		case info.Type == "freelist" && listEnd == 0:
			listEnd = id + uint64(info.OverflowCount) + 1
			if listed, err = w.listLength(id, uint64(info.Count)); err != nil {
				return err
			}
		default:
			return damagedPage(id, "is neither used nor free")
		}
	}
	if free != listed {
		return &CorruptionError{Bucket: bucketFile, Problem: fmt.Sprintf("%d pages are free but %d are listed", free, listed)}
	}
	return nil
}

// listLength is how many pages the list on a page names. A list too long for
// the header's count has its length in front of its entries.
func (w *pageWalk) listLength(id, count uint64) (uint64, error) {
	head := make([]byte, pageHeaderBytes+8)
	if _, err := w.file.ReadAt(head, int64(id*w.size)); err != nil {
		return 0, fmt.Errorf("read page %d: %w", id, err)
	}
	if binary.NativeEndian.Uint64(head) != id {
		return 0, damagedPage(id, "has a damaged header") // bbolt would free another page instead
	}
	if count == longList {
		return binary.NativeEndian.Uint64(head[pageHeaderBytes:]), nil
	}
	return count, nil
}

func damagedPage(id uint64, problem string) error {
	return &CorruptionError{Bucket: bucketFile, Problem: fmt.Sprintf("page %d %s", id, problem)}
}

package engine

import (
	"reflect"

	"go.etcd.io/bbolt"
)

// aheadBytes is how much of the file is fetched ahead of a read of the whole log.
// The log's pages lie in the file about in the order in which they were written,
// among those of the index and the streams and the free ones that were used again:
// half of it holds nearly all of the next 256 KiB of events.
const aheadBytes = 4 << 20

// fetchAhead lets the kernel fetch the part of the file behind a record, unless what
// was fetched last reaches far enough. bbolt maps its file and tells the kernel that
// reads are at random, which is right for streams; a read of the whole log that is
// not in memory would then wait for the disk at every single page.
func (e *Engine) fetchAhead(tx *bbolt.Tx, record []byte) {
	offset := offsetOf(tx, record)
	if last := e.fetched.Load(); last != 0 && max(last, offset)-min(last, offset) < aheadBytes/2 {
		return
	}
	e.fetched.Store(offset)
	fetch(e.file, offset, aheadBytes)
}

// offsetOf is where in the file a record of a transaction lies.
func offsetOf(tx *bbolt.Tx, record []byte) int64 {
	return int64(reflect.ValueOf(record).Pointer() - tx.DB().Info().Data)
}

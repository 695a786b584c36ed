package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// FileName is the name of the log inside its data directory.
const FileName = "events.bolt"

const (
	// lockTimeout is how long Open waits for a node that is just stopping.
	lockTimeout = time.Second
	// queueLength bounds the appends that wait for the writer.
	queueLength = 1024
	// idLimit bounds the writer's memory to about 8 MiB.
	idLimit = 64 << 10
)

// Config says where the log is and how it is opened.
type Config struct {
	// Dir is the data directory. It is created with mode 0700 if missing.
	Dir string
	// Clock gives the time an event is stored at. Nil means time.Now.
	Clock func() time.Time
	// Verify reads the whole file before the first append and compares every
	// record with the index; Open then fails on damage no single read would see.
	Verify bool
	// Writable is called when the log stops taking writes, with the reason, and
	// with nil when it takes them again. It must not block. May be nil.
	Writable func(reason error)
}

// Engine is an open event log. All methods are safe for concurrent use.
type Engine struct {
	// files guards db, which is replaced after the disk was full.
	files sync.RWMutex
	db    *bbolt.DB
	// file is the log once more, for reading what bbolt does not show.
	file     *os.File
	fetched  atomic.Int64 // where in the file the last part fetched ahead begins
	path     string
	clock    func() time.Time
	writable func(reason error)

	// accepting guards closed: appends enter the queue under its read lock, so
	// that Close knows when no append can.
	accepting sync.RWMutex
	closed    bool
	closing   sync.Once
	queue     chan *Pending
	stopped   chan struct{} // closed when the writer has ended
	refused   atomic.Pointer[WritesRefusedError]

	// head is the last durable position. Readers see nothing beyond it, even if
	// a commit reached the file and failed afterwards.
	head commitSignal

	// ids belongs to the writer.
	ids *simplelru.LRU[uuid.UUID, knownID]
}

// Open opens or creates the log in the data directory and starts its writer.
//
// Errors: *LockedError, *FormatError, *CorruptionError, or a wrapped error of
// the file system.
func Open(config Config) (*Engine, error) {
	if config.Dir == "" {
		return nil, errors.New("open event log: no data directory given")
	}
	if err := os.MkdirAll(config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("create data directory: %w", err)
	}
	ids, err := simplelru.NewLRU[uuid.UUID, knownID](idLimit, nil)
	if err != nil {
		return nil, fmt.Errorf("open event log: %w", err)
	}
	e := &Engine{
		path:     filepath.Join(config.Dir, FileName),
		clock:    config.Clock,
		writable: config.Writable,
		queue:    make(chan *Pending, queueLength),
		stopped:  make(chan struct{}),
		head:     commitSignal{moved: make(chan struct{})},
		ids:      ids,
	}
	if e.clock == nil {
		e.clock = time.Now //nolint:forbidigo // The wiring may leave the clock out.
	}
	if e.writable == nil {
		e.writable = func(error) {}
	}
	if err := e.openFile(config); err != nil {
		return nil, e.inFile(errors.Join(err, e.closeFiles()))
	}
	go e.write()
	return e, nil
}

// openFile opens, lays out and checks the bbolt file.
func (e *Engine) openFile(config Config) error {
	if err := ensureFile(config.Dir, e.path); err != nil {
		return err
	}
	if err := e.openDB(); err != nil {
		return err
	}
	var err error
	if e.file, err = os.Open(e.path); err != nil {
		return fmt.Errorf("open event log: %w", err)
	}
	next, err := e.sound()
	if err != nil {
		return fmt.Errorf("open event log: %w", e.inFile(err))
	}
	e.head.set(next - 1)
	if err := syncDir(config.Dir); err != nil {
		return err
	}
	if config.Verify {
		return e.verify()
	}
	return nil
}

// openDB opens the bbolt file, which takes its lock.
func (e *Engine) openDB() error {
	var db *bbolt.DB
	err := guard(func() (err error) {
		db, err = bbolt.Open(e.path, 0o600, fileOptions())
		return err
	})
	_, isDamage := errors.AsType[*CorruptionError](err)
	_, isSystem := errors.AsType[syscall.Errno](err)
	switch {
	case err == nil:
		e.db = db
		return nil
	case errors.Is(err, bolterrors.ErrTimeout):
		return &LockedError{Dir: filepath.Dir(e.path)}
	case isDamage:
		return e.inFile(err)
	case isSystem:
		return fmt.Errorf("open event log: %w", err)
	}
	// Whatever else bbolt says is about what the file holds.
	return &CorruptionError{File: e.path, Bucket: bucketFile, Problem: err.Error()}
}

// sound checks what can be checked without reading the whole file, and returns
// the next position. It only reads: a write could make damage worse.
func (e *Engine) sound() (next uint64, err error) {
	if _, err := e.lastMeta(); err != nil {
		return 0, err
	}
	err = e.view(func(tx *bbolt.Tx) (err error) {
		next, err = nextPosition(tx)
		return err
	})
	return next, err
}

// syncDir makes the directory entry of a new file durable.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open data directory: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Close refuses new appends, commits those that are queued and closes the file.
// It waits for reads in progress. Closing twice is harmless.
func (e *Engine) Close() (err error) {
	e.closing.Do(func() {
		e.accepting.Lock()
		e.closed = true
		close(e.queue)
		e.accepting.Unlock()
		<-e.stopped
		if err = e.closeFiles(); err != nil {
			err = fmt.Errorf("close event log: %w", err)
		}
	})
	return err
}

// closeFiles waits for reads in progress. What was never opened is not closed.
func (e *Engine) closeFiles() (err error) {
	e.files.Lock()
	defer e.files.Unlock()
	if e.db != nil {
		err = e.db.Close()
	}
	if e.file != nil {
		err = errors.Join(err, e.file.Close())
	}
	return err
}

// view runs a read transaction. The function must copy what it needs and must
// not wait for anything.
func (e *Engine) view(read func(*bbolt.Tx) error) error {
	e.files.RLock()
	defer e.files.RUnlock()
	err := guard(func() error { return e.db.View(read) })
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return e.inFile(err)
}

// update runs a write transaction and returns after it is durable.
func (e *Engine) update(write func(*bbolt.Tx) error) error {
	return e.inFile(guard(func() error { return e.db.Update(write) }))
}

// guard turns the panics and memory faults with which bbolt answers damaged
// pages into an error. bbolt releases its transaction while unwinding.
func guard(access func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch problem := recover().(type) {
		case nil:
		case runtime.Error: // It read beyond a page, which says nothing about the file.
			err = damagedFile("bbolt cannot follow them")
		default:
			err = damagedFile("bbolt cannot follow them (%v)", problem)
		}
	}()
	return access()
}

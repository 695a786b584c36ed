package engine

import (
	"errors"
	"fmt"
)

// ErrClosed is returned by every call on an engine that was closed.
var ErrClosed = errors.New("event log is closed")

// ErrStreamNotFound is returned by reads of a stream that was never written
// to.
var ErrStreamNotFound = errors.New("stream not found")

// ErrOutcomeUnknown is wrapped by append errors after which the events may or
// may not have been stored: the caller's context ended while the batch was
// being committed, or the commit itself failed. Retry with the same event ids
// and the same expected revision; the answer then tells what happened.
var ErrOutcomeUnknown = errors.New("outcome of the append is unknown")

// ErrNotProcessed is wrapped by append errors of requests whose context ended
// before the writer looked at them: nothing was stored.
var ErrNotProcessed = errors.New("append was not processed")

// InvalidAppendError says that a request can never be stored as it is.
type InvalidAppendError struct {
	// Problem says what is wrong with the request, without repeating its data.
	Problem string
}

func (e *InvalidAppendError) Error() string { return "invalid append: " + e.Problem }

// TooLargeError says that the events of one append exceed the limit.
type TooLargeError struct {
	// Size and Limit are in bytes, counted as Σ data + metadata + 2 × len(type).
	Size, Limit int
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("append of %d bytes exceeds the limit of %d bytes; append fewer or smaller events", e.Size, e.Limit)
}

// WrongExpectedRevisionError says that the stream is not where the writer
// thought it was. Nothing was stored.
type WrongExpectedRevisionError struct {
	Stream   string
	Expected Expected
	// Current is the revision of the last event, or -1 when there is none.
	Current int64
}

func (e *WrongExpectedRevisionError) Error() string {
	current := "it has no event"
	if e.Current >= 0 {
		current = "its last event is at " + Expected(e.Current).String()
	}
	return fmt.Sprintf("stream %q: expected %s but %s; reload and decide again", e.Stream, e.Expected, current)
}

// WritesRefusedError is returned by every append after a commit failed. The
// engine goes on serving reads of what was acknowledged. Where the disk was full
// it takes writes again by itself once there is space and the log has proved to be
// sound; after any other failure only once it is reopened.
type WritesRefusedError struct {
	// Cause is the error of the commit that failed, or what keeps the log from
	// taking writes again.
	Cause error
	// Resumes says that the engine takes writes again by itself.
	Resumes bool
}

func (e *WritesRefusedError) Error() string {
	if e.Resumes {
		return fmt.Sprintf("event log refuses writes because its disk has no space (%v); free some, and it takes writes again by itself", e.Cause)
	}
	return fmt.Sprintf("event log refuses writes since a commit failed (%v); repair the disk and restart the node", e.Cause)
}

// Unwrap returns the error of the failed commit.
func (e *WritesRefusedError) Unwrap() error { return e.Cause }

// CorruptionError says that stored bytes are not what was written. The engine
// never repairs or skips: the event may exist nowhere else.
type CorruptionError struct {
	// File is the path of the damaged file.
	File string
	// Bucket is the part of the file the damage was found in: log, index,
	// streams, meta, or file when bbolt itself could not follow its pages.
	Bucket string
	// Position is the $all position the damage was found at, 0 when unknown.
	Position uint64
	// Problem says what did not match.
	Problem string
}

func (e *CorruptionError) Error() string {
	where := fmt.Sprintf("in bucket %q", e.Bucket)
	if e.Bucket == bucketFile {
		where = "in its pages"
	}
	if e.Position > 0 {
		where += fmt.Sprintf(" at position %d", e.Position)
	}
	return fmt.Sprintf("event log %s is damaged %s: %s; stop the node, keep the file, and restore the data directory from a backup; a start with --verify checks the whole log",
		e.File, where, e.Problem)
}

// inFile completes an error about damage with the file it is about.
func (e *Engine) inFile(err error) error {
	if damage, isDamage := errors.AsType[*CorruptionError](err); isDamage {
		damage.File = e.path
	}
	return err
}

// LockedError says that another node has the data directory open.
type LockedError struct {
	Dir string
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("data directory %s is in use by another node; stop that process or choose another directory", e.Dir)
}

// FormatError says that the file was written by another version of the engine.
type FormatError struct {
	Found, Supported uint64
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("event log has format %d but this program reads format %d; use the program version that wrote it, or copy the log with that version",
		e.Found, e.Supported)
}

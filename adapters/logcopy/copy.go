// Package logcopy copies the log of Praxis from one event store into another: every
// event, in the order of the log, with its id, revision, type, bytes and instant of
// recording. It knows stores by what they promise everybody, and the embedded node by
// one thing more: that it keeps the order of appends that wait together.
package logcopy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"iter"

	"praxis/domain/es"
	"praxis/domain/fault"
)

// Store is an event store, as far as copying needs it.
type Store interface {
	Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error)
	ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events
	Tail(ctx context.Context) (es.Position, error)
}

// Starter is a store that keeps appends in the order in which they were started, without
// waiting for each of them: so a log is copied at the pace of the disk.
type Starter interface {
	// Start begins an append. wait returns what Append would.
	Start(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (wait func(context.Context) error, err error)
}

// Phase is what a copy is doing.
type Phase string

// The phases. They take turns until both logs are level.
const (
	// Comparing reads what both logs hold.
	Comparing Phase = "comparing"
	// Copying appends what the target lacks.
	Copying Phase = "copying"
)

// Copier copies a log. A second copier with the same logs goes on where the first one
// was broken off, however that was.
type Copier struct {
	From, To Store
	// Categories are those whose streams are copied, in both logs. Streams of others, in
	// either, are left alone.
	Categories []es.Category
	// Progress, if set, is called after each event with the phase, how many events of it are
	// done, and how much of it that is, from 0 to 1.
	Progress func(p Phase, events int, fraction float64)
}

// Report is what a copy came to.
type Report struct {
	// Events is how many events both logs hold, each compared with the other's, and Hash
	// the SHA-256 of all of them: stream, revision, id, type, data and metadata, in order.
	Events int    `json:"events"`
	Hash   string `json:"sha256"`
	// Copied is how many of them were appended now.
	Copied int `json:"copied"`
	// Meanwhile is how many of those were not in the source yet when the copy began.
	Meanwhile int `json:"meanwhile"`
	// Level says that the target holds everything that the source did. It does not if the
	// source was written to faster than it could be followed.
	Level bool `json:"level"`
}

// rounds is how often a copy follows a source that is still written to.
const rounds = 50

// Run compares what the target holds with the source, and appends what it lacks, until
// both are level; what it appended is read again and compared. Its memory does not grow
// with the log. Faults: "copy_differs" where the target holds anything else in the
// streams of the categories, "copy_source_incomplete", and those of the stores.
func (c *Copier) Run(ctx context.Context) (Report, error) {
	tail, err := c.From.Tail(ctx)
	if err != nil {
		return Report{}, err
	}
	r := run{Copier: c, began: tail, sumFrom: sha256.New(), sumTo: sha256.New()}
	for round := 0; ; round++ {
		goOn, err := r.round(ctx, round < rounds)
		if err != nil {
			return Report{}, err
		}
		if !goOn {
			break
		}
	}
	sum := r.sumFrom.Sum(nil)
	if !bytes.Equal(sum, r.sumTo.Sum(nil)) {
		return Report{}, errors.New("copy of the log: events that are equal one by one have different hashes")
	}
	r.report.Hash = hex.EncodeToString(sum)
	return r.report, nil
}

// run is a copy that is under way. Everything before from and to has been compared.
type run struct {
	*Copier
	report         Report
	began          es.Position
	from, to       es.Position
	sumFrom, sumTo hash.Hash
}

// round compares up to the end of the target, and then appends what the source has
// beyond, if that is allowed. goOn says that there is something to compare again.
func (r *run) round(ctx context.Context, mayAppend bool) (goOn bool, err error) {
	tail, err := r.To.Tail(ctx)
	if err != nil {
		return false, err
	}
	shown := r.shown(Comparing, r.to, tail)
	nextFrom, stopFrom := iter.Pull2(r.From.ReadAll(ctx, r.Categories, r.from))
	defer stopFrom()
	nextTo, stopTo := iter.Pull2(r.To.ReadAll(ctx, r.Categories, r.to))
	defer stopTo()
	for compared := 0; ; compared++ {
		original, err, more := nextFrom()
		if err != nil {
			return false, err
		}
		held, err, holds := nextTo()
		if err != nil {
			return false, err
		}
		switch {
		case !more && !holds:
			// While this was compared, the source may have been written to.
			r.report.Level = compared == 0
			return compared > 0 && mayAppend, nil
		case !more:
			return false, differs(held, "the source ends before it")
		case !holds && !mayAppend:
			return false, nil
		case !holds:
			stopTo()
			return true, r.appendRest(ctx, original, nextFrom)
		}
		if err := r.compare(original, held); err != nil {
			return false, err
		}
		shown(held.Position)
	}
}

// shown returns how to tell about each event of a phase that goes from one position of a
// log to another.
func (r *run) shown(p Phase, from, to es.Position) func(es.Position) {
	events := 0
	return func(at es.Position) {
		if events++; r.Progress != nil {
			r.Progress(p, events, float64(at.Commit-from.Commit)/float64(max(to.Commit, at.Commit, from.Commit+1)-from.Commit))
		}
	}
}

// compare holds an event of the target to that of the source, each as it would be copied: in
// a log that was restored from a backup, an event from before the instant of recording was
// part of its metadata has the same stamp.
func (r *run) compare(original, held es.Recorded) error {
	want, got := original.Copy(), held.Copy()
	what := ""
	switch {
	case held.Stream != original.Stream || held.Revision != original.Revision:
		what = fmt.Sprintf("the source has %s, revision %d, next", original.Stream, original.Revision)
	case got.ID != want.ID:
		what = "its id is another one than in the source"
	case got.Type != want.Type:
		what = "its type is another one than in the source"
	case !bytes.Equal(got.Data, want.Data):
		what = "its data are not those of the source"
	case !bytes.Equal(got.Metadata, want.Metadata):
		what = "its metadata are not those of the source"
	}
	if what != "" {
		return differs(held, what)
	}
	add(r.sumFrom, original.Stream, original.Revision, want)
	add(r.sumTo, held.Stream, held.Revision, got)
	r.report.Events++
	r.from, r.to = original.Position, held.Position
	return nil
}

// add takes an event into a hash, each part with its length.
func add(sum hash.Hash, stream es.Stream, revision es.Revision, e es.Proposed) {
	id := e.ID.UUID()
	for _, part := range [][]byte{[]byte(stream), binary.BigEndian.AppendUint64(nil, uint64(revision)), id[:], []byte(e.Type), e.Data, e.Metadata} {
		// A hash takes everything.
		_, _ = sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		_, _ = sum.Write(part)
	}
}

// differs says that the target is no copy of the source.
func differs(held es.Recorded, what string) *fault.Error {
	return fault.New(fault.Conflict, "copy_differs", "The target is no copy of the source: it holds %s, revision %d, where %s. Nothing that it holds was changed. Name an empty target, or the right one.",
		held.Stream, held.Revision, what).With("stream", string(held.Stream)).With("revision", fmt.Sprint(held.Revision))
}

// appendRest appends an event of the source and all after it, as far as the read goes:
// events of one stream that follow one another together, and never more than one append
// may hold.
func (r *run) appendRest(ctx context.Context, first es.Recorded, next func() (es.Recorded, error, bool)) error {
	tail, err := r.From.Tail(ctx)
	if err != nil {
		return err
	}
	// After the first append that fails none that waits behind it is to be kept.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	shown := r.shown(Copying, r.from, tail)
	b := batch{to: r.To}
	for rec, more := first, true; more; {
		if err := b.add(ctx, rec); err != nil {
			return err
		}
		r.report.Copied++
		if r.began.Before(rec.Position) {
			r.report.Meanwhile++
		}
		shown(rec.Position)
		if rec, err, more = next(); err != nil {
			return err
		}
	}
	if err := b.flush(ctx); err != nil {
		return err
	}
	return b.await(ctx, 0)
}

// batch are events of one stream that wait to be appended together.
type batch struct {
	to     Store
	stream es.Stream
	first  es.Revision
	events []es.Proposed
	bytes  int
	// started are appends that were not answered yet, and unanswered is their size in bytes.
	started    []started
	unanswered int
}

// started is an append that was not answered yet.
type started struct {
	stream es.Stream
	first  es.Revision
	bytes  int
	wait   func(context.Context) error
}

// maxUnanswered bounds the memory of appends that wait, in bytes, and maxStarted their
// number.
const (
	maxUnanswered = 8 << 20
	maxStarted    = 512
)

// add takes an event, and appends those that it cannot join.
func (b *batch) add(ctx context.Context, rec es.Recorded) error {
	event := rec.Copy()
	size := len(event.Data) + len(event.Metadata) + len(event.Type)
	if rec.Stream != b.stream || rec.Revision != b.first+es.Revision(len(b.events)) || len(b.events) == es.MaxAppendSize || b.bytes+size > es.MaxAppendBytes {
		if err := b.flush(ctx); err != nil {
			return err
		}
		b.stream, b.first = rec.Stream, rec.Revision
	}
	b.events, b.bytes = append(b.events, event), b.bytes+size
	return nil
}

// flush appends what waits, exactly where it is in the source. Repeated, it doubles
// nothing: the store knows events by their ids.
func (b *batch) flush(ctx context.Context) error {
	if len(b.events) == 0 {
		return nil
	}
	next := started{stream: b.stream, first: b.first, bytes: b.bytes}
	events := b.events
	b.events, b.bytes = nil, 0
	if s, ok := b.to.(Starter); ok {
		var err error
		if next.wait, err = s.Start(ctx, next.stream, es.At(next.first-1), events); err != nil {
			return b.failed(next, err)
		}
		b.started, b.unanswered = append(b.started, next), b.unanswered+next.bytes
		return b.await(ctx, maxStarted-1)
	}
	_, err := b.to.Append(ctx, next.stream, es.At(next.first-1), events)
	return b.failed(next, err)
}

// await waits until no more than so many appends are unanswered.
func (b *batch) await(ctx context.Context, most int) error {
	for len(b.started) > most || b.unanswered > maxUnanswered {
		next := b.started[0]
		if err := b.failed(next, next.wait(ctx)); err != nil {
			return err
		}
		b.started, b.unanswered = b.started[1:], b.unanswered-next.bytes
	}
	return nil
}

// failed says why an append failed, nil if it did not.
func (b *batch) failed(a started, err error) error {
	if err == nil {
		return nil
	}
	var wrong *es.WrongRevisionError
	switch {
	case !errors.As(err, &wrong):
		return fmt.Errorf("copy %s from revision %d: %w", a.stream, a.first, err)
	case wrong.Actual >= a.first:
		return differs(es.Recorded{Stream: a.stream, Revision: a.first}, "something else was written while it was copied to").Because(err)
	}
	return fault.New(fault.Rejected, "copy_source_incomplete", "The source lacks events of %s before revision %d, so that the stream cannot be copied as it was: its beginning was cut off, or it was deleted, and the server was scavenged. Restore the source from a backup.",
		a.stream, a.first).With("stream", string(a.stream)).With("revision", fmt.Sprint(a.first)).Because(err)
}

package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

const (
	// MaxAppendBytes is the largest append the engine stores, counted as
	// Σ data + metadata + 2 × len(type), as EventStoreDB counts it.
	MaxAppendBytes = 1 << 20
	// MaxStreamNameBytes bounds a stream's name; it is a key of the file.
	MaxStreamNameBytes = 1024
)

// Expected is what a writer believes about a stream: a revision (≥ 0) that must
// be its last one, or one of the constants below.
type Expected int64

const (
	// NoStream expects that the stream has no event.
	NoStream Expected = -1
	// Any expects nothing.
	Any Expected = -2
	// StreamExists expects at least one event.
	StreamExists Expected = -4
)

// String renders the expectation for messages.
func (e Expected) String() string {
	switch e {
	case NoStream:
		return "no stream"
	case Any:
		return "any revision"
	case StreamExists:
		return "an existing stream"
	default:
		return "revision " + strconv.FormatInt(int64(e), 10)
	}
}

// NewEvent is an event to be stored. Its byte slices belong to the engine from
// the call of Append or Start until the answer.
type NewEvent struct {
	// ID makes a retried append recognisable. It must not be the nil UUID.
	ID uuid.UUID
	// Type is the event's name on the wire. It must not be empty.
	Type string
	// IsJSON says whether Data is announced to readers as application/json.
	IsJSON   bool
	Metadata []byte
	Data     []byte
}

// Append is one atomic write to one stream.
type Append struct {
	Stream   string
	Expected Expected
	Events   []NewEvent
}

// Result says where an append ended up.
type Result struct {
	// Revision is the revision of the last event of the append (for a duplicate:
	// of the original), or the current one if the append had no events; -1 when
	// the stream has none.
	Revision int64
	// Position is the $all position of that event, 0 when the append had none.
	Position uint64
}

// Append stores the events atomically and returns after they are durable.
//
// Errors: *InvalidAppendError, *TooLargeError, *WrongExpectedRevisionError,
// *WritesRefusedError, *CorruptionError, ErrClosed; ErrNotProcessed or
// ErrOutcomeUnknown when ctx ended first or the commit failed.
func (e *Engine) Append(ctx context.Context, a Append) (Result, error) {
	pending, err := e.Start(ctx, a)
	if err != nil {
		return Result{}, err
	}
	return pending.Wait(ctx)
}

// Pending is an append on its way through the writer.
type Pending struct {
	ctx    context.Context // the append's own, looked at when its turn comes
	append Append
	done   chan outcome
}

// Start queues the append and returns without waiting for the commit. Appends
// started one after the other are processed in that order.
func (e *Engine) Start(ctx context.Context, a Append) (*Pending, error) {
	if err := a.validate(); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, notProcessed(ctx)
	}
	pending := &Pending{ctx: ctx, append: a, done: make(chan outcome, 1)}
	e.accepting.RLock()
	defer e.accepting.RUnlock()
	if e.closed {
		return nil, ErrClosed
	}
	if refused := e.refused.Load(); refused != nil {
		return nil, refused
	}
	select {
	case e.queue <- pending:
		return pending, nil
	case <-ctx.Done():
		return nil, notProcessed(ctx)
	}
}

// notProcessed says that a context ended before the writer looked at its append.
func notProcessed(ctx context.Context) error {
	return fmt.Errorf("%w: %w", ErrNotProcessed, context.Cause(ctx))
}

// Wait returns the answer once the batch is durable. When ctx ends first the
// append may still be stored: the error wraps ErrOutcomeUnknown.
func (p *Pending) Wait(ctx context.Context) (Result, error) {
	select {
	case o := <-p.done:
		return o.result, o.err
	case <-ctx.Done():
		return Result{}, fmt.Errorf("%w: %w", ErrOutcomeUnknown, context.Cause(ctx))
	}
}

// validate refuses what the log could not hold or could not tell apart later.
func (a *Append) validate() error {
	switch {
	case a.Stream == "":
		return &InvalidAppendError{Problem: "the stream name is empty"}
	case len(a.Stream) > MaxStreamNameBytes:
		return &InvalidAppendError{Problem: fmt.Sprintf("the stream name is longer than %d bytes", MaxStreamNameBytes)}
	case a.Stream == "$all":
		return &InvalidAppendError{Problem: "$all is a view of every stream and cannot be written to"}
	case strings.HasPrefix(a.Stream, "$$"):
		return &InvalidAppendError{Problem: "stream metadata is not supported by this node"}
	}
	for i := range a.Events {
		if a.Events[i].ID == uuid.Nil {
			return &InvalidAppendError{Problem: "an event has no id"}
		}
		if a.Events[i].Type == "" {
			return &InvalidAppendError{Problem: "an event has no type"}
		}
	}
	if size := a.size(); size > MaxAppendBytes {
		return &TooLargeError{Size: size, Limit: MaxAppendBytes}
	}
	return nil
}

// size is what the append counts towards the limits.
func (a *Append) size() int {
	size := 0
	for i := range a.Events {
		size += a.Events[i].Size()
	}
	return size
}

// Size is what the event counts towards MaxAppendBytes.
func (n *NewEvent) Size() int { return len(n.Data) + len(n.Metadata) + 2*len(n.Type) }

package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"praxis/commands"
	"praxis/domain/es"
	"praxis/domain/fault"
)

// ETag is how a revision stands in the header ETag.
func ETag(r es.Revision) string { return fmt.Sprintf("%q", strconv.FormatInt(int64(r), 10)) }

// ReplyAt writes v as JSON with the revision that it shows as its ETag, or says
// that the caller has it already (If-None-Match).
func (x *Exchange) ReplyAt(r es.Revision, v any) error {
	tag := ETag(r)
	x.W.Header().Set("ETag", tag)
	x.view.note(v)
	for known := range strings.SplitSeq(x.R.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(known), "W/") == tag {
			x.W.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	return x.Reply(v)
}

// Views are what an answer shows of things, an empty list for none.
func Views[T, V any](things []T, view func(T) V) []V {
	views := make([]V, 0, len(things))
	for _, t := range things {
		views = append(views, view(t))
	}
	return views
}

// List is what an answer lists as it was found, an empty list for nothing.
func List[T any](found []T) []T { return append([]T{}, found...) }

// ReplyOne answers with the one thing that a query found by its id. Queries never read
// what is beyond the reader's reach, so that it is unknown in the same words as what
// does not exist.
func ReplyOne[V any](x *Exchange, found []V, unknown *fault.Error, err error) error {
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		return unknown
	}
	return x.Reply(found[0])
}

// OrRefused is nil where a query found something, or nothing is a fact; else what was
// asked about does not exist or is beyond the reader, or the query failed.
func (x *Exchange) OrRefused(a commands.Admission, found int, err error) error {
	if found > 0 || err != nil {
		return err
	}
	return a.IfNothing(x.Ctx())
}

// Answer replies with what a query found, unless it failed.
func (x *Exchange) Answer(v any, err error) error {
	if err != nil {
		return err
	}
	return x.Reply(v)
}

// Reply answers with v as JSON, unless something was read too late for the gate and could
// not be read.
func (x *Exchange) Reply(v any) error {
	if x.Err != nil {
		return x.Err
	}
	return x.replyAs(http.StatusOK, v)
}

func (x *Exchange) replyAs(status int, v any) error {
	x.view.note(v)
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer of %s: %w", x.operation, err)
	}
	x.W.Header().Set("Content-Type", "application/json")
	x.W.WriteHeader(status)
	_, _ = x.W.Write(append(body, '\n')) // The client may be gone: there is no place to report it.
	return nil
}

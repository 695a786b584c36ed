package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"praxis/domain/id"
)

// promise is what a client was told about one command: its receipt, or the code
// of its refusal.
type promise struct {
	// kind is what was asked for, what the same with the key.
	kind, what string
	command    id.Command
	receipt    receipt
	refusal    string
}

// hasEffect reports whether the client was told that something was recorded.
func (p promise) hasEffect() bool { return p.refusal == "" && p.receipt.Outcome != "unchanged" }

// correspondent sends commands one after the other, repeats each under its key
// until there is an answer, and remembers the answers.
type correspondent struct {
	name     string
	count    int
	promises []promise
	// sent counts the requests of all correspondents.
	sent *atomic.Int64
}

// send sends one command and returns when the server has answered it, however
// often the server dies meanwhile. An answer that no client should ever get is
// an error.
func (c *correspondent) send(ctx context.Context, as *person, kind, method, path string, body any) (promise, error) {
	c.count++
	key := fmt.Sprintf("%s/%d", c.name, c.count)
	p := promise{kind: kind, what: kind + " " + key, command: as.commandID(key)}
	for {
		c.sent.Add(1)
		err := as.send(ctx, method, path, map[string]string{"Idempotency-Key": key}, body, &p.receipt)
		var refused *refusalError
		switch {
		case err == nil:
			c.promises = append(c.promises, p)
			return p, nil
		case !errors.As(err, &refused):
			// The connection broke; whether the command was carried out is not known.
		case refused.Status == http.StatusServiceUnavailable, refused.Code == "too_much_contention":
			// Nothing was decided.
		case refused.isARule():
			p.refusal = refused.Code
			c.promises = append(c.promises, p)
			return p, nil
		default:
			return p, fmt.Errorf("%s: %w", p.what, err)
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return p, fmt.Errorf("%s was never answered: %w", p.what, err)
		}
	}
}

// isARule reports whether the refusal is a decision about the command: it is not
// allowed, there is no such thing, or a rule or an earlier command is in its way.
func (r *refusalError) isARule() bool {
	return slices.Contains([]int{http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity}, r.Status)
}

package commands

import (
	"context"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/id"
)

// outsiderInterval is how long after one record of an account's refusals the next
// one follows.
const outsiderInterval = time.Minute

// outsiders samples the refusals of accounts that have no tie to the practice they
// name. They stand in a log of the installation, at most one a minute and account:
// in the practice's own log they would let strangers fill it, and the time that it
// takes would tell that the practice exists.
type outsiders struct {
	mu   sync.Mutex
	seen *lru.Cache[id.Account, *sample]
}

// sample is when an account's refusals were last recorded, and how many came since.
type sample struct {
	at    time.Time
	since int
}

// due counts a refusal. It reports whether it is to be recorded, and how many came
// since the last record.
func (o *outsiders) due(a id.Account, now time.Time) (since int, record bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s, known := o.seen.Get(a)
	if known && now.Before(s.at.Add(outsiderInterval)) {
		s.since++
		return 0, false
	}
	if known {
		since = s.since
	}
	o.seen.Add(a, &sample{at: now})
	return since, true
}

// recordOutsider records that a stranger was refused, if it is due. What is recorded
// and how long it takes are the same whether the practice exists or not.
func (e *Engine) recordOutsider(ctx context.Context, call Call, action string) {
	if call.Account.IsZero() {
		return
	}
	now := e.Clock()
	since, record := e.outsiders.due(call.Account, now)
	if !record {
		return
	}
	fact := accesslog.OutsiderRefused{Action: action, Group: call.Group, Unrecorded: since}
	call.Group, call.Reason, call.Purpose = id.Group{}, "", ""
	actor := access.Subject{Kind: access.KindStranger, Account: call.Account}
	e.record(ctx, call, action, accesslog.OutsidersStream(now), "accesslog.record_outsider", actor, access.Decision{Rule: access.RuleDefaultDeny}, fact)
}

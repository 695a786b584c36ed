package commands

import (
	"context"
	"fmt"
	"time"

	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invariant"
	"praxis/domain/membership"
)

// claimOn returns what holds an account, zero if nothing does, and the revision of
// the account's stream.
func (e *Engine) claimOn(ctx context.Context, account id.Account) (held membership.Claim, at es.Revision, err error) {
	err = e.claims.view(ctx, membership.Stream(account), func(s membership.State, rev es.Revision) error {
		held.Group, held.Member, _ = s.Holder()
		at = rev
		return nil
	})
	return held, at, err
}

// FreeStrayClaim frees an account from the call's practice, if it has been claimed
// for longer than invariant.ClaimGrace and the practice does not have it as an active
// member: the founding or the joining broke off, or the membership has ended and the
// release was lost (G-7). Whoever repeats what broke off claims the account anew. An
// account may be named by the membership that it had. It is for the process that
// sweeps; where nothing strays it changes nothing. Fault: "process_only".
func (e *Engine) FreeStrayClaim(ctx context.Context, call Call, account id.Account, m id.Member) (Receipt, error) {
	if call.Process == "" {
		return Receipt{}, errProcessOnly
	}
	if account.IsZero() {
		var err error
		if account, err = e.accountOf(ctx, call.Group, m); err != nil || account.IsZero() {
			return Receipt{}, err
		}
	}
	at, since, err := e.claimedSince(ctx, account)
	if err != nil || at == es.NoStream || e.clock().Sub(since) < invariant.ClaimGrace {
		return Receipt{}, err
	}
	held, _, err := e.claimOn(ctx, account)
	if err != nil || held.Group != call.Group {
		return Receipt{}, err
	}
	strays := false
	err = e.groups.view(ctx, group.Stream(call.Group), func(g group.State, _ es.Revision) error {
		member, joined := g.Member(held.Member)
		strays = !joined || !member.Active || member.Account != account || g.Closed()
		return nil
	})
	if err != nil || !strays {
		return Receipt{}, err
	}
	u := e.releaseCase(account, membership.Release(held))
	u.unfounded = true
	// Whoever claims the account anew meanwhile keeps it.
	call.Expected = &at
	return execute(ctx, e, call, u)
}

// claimedSince returns the revision of an account's stream and when its last event
// was recorded.
func (e *Engine) claimedSince(ctx context.Context, account id.Account) (at es.Revision, since time.Time, err error) {
	at = es.NoStream
	for rec, err := range e.store.ReadStream(ctx, membership.Stream(account), 0) {
		if err != nil {
			return at, since, fmt.Errorf("look for the claim: %w", err)
		}
		at, since = rec.Revision, rec.RecordedAt
	}
	return at, since, nil
}

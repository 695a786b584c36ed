package commands

import (
	"context"
	"fmt"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invariant"
	"praxis/domain/membership"
)

type claimCommand = CommandOn[id.Account, membership.Claim]

var (
	claimAccount = declareClaim("membership.claim", OpenGroup, membership.Claim.Decide)
	// claimForFounding is claimAccount for a practice that is not there yet.
	claimForFounding = declareClaim("membership.claim", NewGroup, membership.Claim.Decide)

	releaseAccount = declareClaim("membership.release", ClosedToo, membership.Release.Decide)
	// releaseStray is releaseAccount for a practice that may never have been founded.
	releaseStray = declareClaim("membership.release", AnyGroup, membership.Release.Decide)
)

// declareClaim makes a command on what an account is tied to known; it is part of others.
func declareClaim[C any](name string, l Lifecycle, decide func(C, membership.State, time.Time) ([]membership.Event, error)) *CommandOn[id.Account, C] {
	return declareOn(claimSpec[C]{On: onClaim, Name: name, Needs: access.InvitationAnswer, Lifecycle: l, Decide: alone(decide)})
}

// claim ties an account to a group (G-7, AMB-4), after freeing it from
// a membership that has ended or can no longer begin.
func (e *Engine) claim(ctx context.Context, call Call, by *claimCommand, account id.Account, c membership.Claim) error {
	freed, err := e.freeStaleClaim(ctx, call, account, c)
	if err != nil || freed && call.DryRun {
		return err
	}
	receipt, err := by.Give(ctx, e, call.step("claim"), account, c)
	if err != nil || !receipt.Replayed {
		return err
	}
	// The first attempt broke off after the claim, which may have been freed since.
	held, at, err := e.claimOn(ctx, account)
	if err != nil || held == c {
		return err
	}
	_, err = by.Give(ctx, e, call.step(fmt.Sprintf("claim after %d", at)), account, c)
	return err
}

// ending carries out a command that ends a membership, and frees the account. If that
// cannot be done now, the account is freed when it joins or founds another practice.
// ended finds the membership, and the zero Member while it has not ended.
func (e *Engine) ending(ctx context.Context, call Call, do func(Call) (Receipt, error), ended func(group.State) group.Member) (Receipt, error) {
	receipt, err := do(call)
	if err != nil || call.DryRun {
		return receipt, err
	}
	m, err := lookUp(ctx, e.groups, group.Stream(call.Group), ended)
	if err == nil && !m.Account.IsZero() {
		err = e.release(ctx, call, m.Account, m.ID)
	}
	if err != nil {
		e.config.Logger.WarnContext(ctx, "the account of an ended membership is still claimed", "member", m.ID, "request", call.Request, "error", err)
	}
	return receipt, nil
}

// release frees an account from a membership of the call's group.
func (e *Engine) release(ctx context.Context, call Call, account id.Account, m id.Member) error {
	_, err := releaseAccount.Give(ctx, e, call.step("release"), account, membership.Release{Group: call.Group, Member: m})
	return err
}

// freeStaleClaim releases an account's claim, unless it is the wanted one, if
// the group that holds it has closed or has ended their membership, or if it was made for an
// invitation that was never completed and no longer can be.
func (e *Engine) freeStaleClaim(ctx context.Context, call Call, account id.Account, wanted membership.Claim) (freed bool, err error) {
	held, _, err := e.claimOn(ctx, account)
	if err != nil || held.Group.IsZero() || held == wanted {
		return false, err
	}
	stale := false
	err = e.groups.view(ctx, group.Stream(held.Group), func(g group.State, at es.Revision) {
		former, joined := g.Member(held.Member)
		stale = g.Closed() || joined && !former.Active || !joined && at != es.NoStream && !mayStillJoin(g, held.Member, account, e.Clock())
	})
	if err != nil || !stale {
		return false, err
	}
	elsewhere := call
	elsewhere.Group = held.Group
	return true, e.release(ctx, elsewhere, account, held.Member)
}

// mayStillJoin reports whether an open invitation would make the account this
// very member.
func mayStillJoin(g group.State, m id.Member, a id.Account, now time.Time) bool {
	return slices.ContainsFunc(g.Invitations(), func(i group.Invitation) bool {
		return memberFor(i.ID, a) == m && i.OpenAt(now)
	})
}

// claimOn returns what holds an account, zero if nothing does, and the revision of
// the account's stream.
func (e *Engine) claimOn(ctx context.Context, account id.Account) (held membership.Claim, at es.Revision, err error) {
	err = e.claims.view(ctx, membership.Stream(account), func(s membership.State, rev es.Revision) {
		held.Group, held.Member, _ = s.Holder()
		at = rev
	})
	return held, at, err
}

// FreeStrayClaim frees an account from the call's practice, if it has been claimed
// for longer than invariant.ClaimGrace and the practice does not have it as an active
// member: the founding or the joining broke off, or the membership has ended and the
// release was lost (G-7). A repetition of what broke off claims the account anew. An
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
	if err != nil || at == es.NoStream || e.Clock().Sub(since) < invariant.ClaimGrace {
		return Receipt{}, err
	}
	held, _, err := e.claimOn(ctx, account)
	if err != nil || held.Group != call.Group {
		return Receipt{}, err
	}
	strays, err := lookUp(ctx, e.groups, group.Stream(call.Group), func(g group.State) bool {
		member, joined := g.Member(held.Member)
		return !joined || !member.Active || member.Account != account || g.Closed()
	})
	if err != nil || !strays {
		return Receipt{}, err
	}
	// A claim that is made anew meanwhile stands.
	call.Expected = &at
	return releaseStray.Give(ctx, e, call, account, membership.Release(held))
}

// claimedSince returns the revision of an account's stream and when its last event
// was recorded.
func (e *Engine) claimedSince(ctx context.Context, account id.Account) (at es.Revision, since time.Time, err error) {
	at = es.NoStream
	for rec, err := range e.config.Store.ReadStream(ctx, membership.Stream(account), 0) {
		if err != nil {
			return at, since, fmt.Errorf("look for the claim: %w", err)
		}
		at, since = rec.Revision, rec.RecordedAt
	}
	return at, since, nil
}

package processes

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"praxis/commands"
	"praxis/commands/letters"
	"praxis/domain/fault"
	"praxis/domain/group"
)

// Sweeper looks after letters of invitations that stay held: because their
// invitation was never appended, or was before the process of letters first ran.
// Any number of Sweepers may work on one outbox.
type Sweeper struct {
	Engine *commands.Engine
	Post   Post
	// Logger gets ids and codes; nil discards.
	Logger *slog.Logger
	// Every is how often it looks; 0 means a minute.
	Every time.Duration
}

const (
	// settling is how long a letter may be held before the log is asked about it: the
	// process of letters usually lets it go within a second.
	settling = time.Minute
	// forsaken is how long after it was held last a letter is dropped whose invitation
	// is not in the log. No request that could still append it lasts that long.
	forsaken = time.Hour
)

// Run sweeps until ctx ends. It survives every outage of the stores.
func (s Sweeper) Run(ctx context.Context) error {
	tick := time.NewTicker(cmp.Or(s.Every, time.Minute))
	defer tick.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil && s.Logger != nil {
			s.Logger.WarnContext(ctx, "held letters are looked at again", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Sweep looks once at every letter that has been held for a while: the log alone
// says whether it is let go or dropped.
func (s Sweeper) Sweep(ctx context.Context) error {
	now := s.Engine.Clock()
	held, err := s.Post.Held(ctx, now.Add(-settling))
	if err != nil {
		return err
	}
	for _, h := range held {
		var invitation group.Invitation
		known := false
		err := s.Engine.Practice(ctx, lettersName, h.Group, func(g group.State) { invitation, known = g.Invitation(h.Invitation) })
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		switch {
		case known && isOpen(invitation, now):
			err = s.Post.Release(ctx, letters.InvitationID(h.Invitation))
		case known, now.Sub(h.Since) >= forsaken:
			err = s.Post.DropHeld(ctx, h)
		default:
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

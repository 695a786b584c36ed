package processes

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"praxis/commands"
	"praxis/commands/notification"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/internal/retry"
)

// Sweeper looks after mails of invitations that stay held: because their invitation
// was never appended, or was before the process of notifications first ran. Any number
// of Sweepers may work on one outbox.
type Sweeper struct {
	Engine *commands.Engine
	Outbox notification.Outbox
	// Logger gets ids and codes; nil discards.
	Logger *slog.Logger
	// Every is how often it looks; 0 means a minute.
	Every time.Duration
}

const (
	// settling is how long a mail may be held before the log is asked about it: the
	// process of notifications usually lets it go within a second.
	settling = time.Minute
	// forsaken is how long after it was held last a mail is dropped whose invitation
	// is not in the log. No request that could still append it lasts that long.
	forsaken = time.Hour
)

// Run sweeps until ctx ends. It survives every outage of the stores.
func (s Sweeper) Run(ctx context.Context) error {
	loop := &retry.Loop{What: "the look at held letters", Logger: s.Logger}
	for ctx.Err() == nil {
		if err := s.Sweep(ctx); err == nil {
			loop.Worked()
		} else if ctx.Err() == nil {
			loop.Failed(err.Error())
		}
		// The only error is that of ctx, which the loop checks.
		_ = retry.Sleep(ctx, cmp.Or(s.Every, time.Minute))
	}
	return nil
}

// Sweep looks once at every mail that has been held for a while. A practice that
// cannot be read does not keep the mails of others back.
func (s Sweeper) Sweep(ctx context.Context) error {
	held, err := s.Outbox.Held(ctx, s.Engine.Clock().Add(-settling))
	for _, h := range held {
		err = errors.Join(err, s.decide(ctx, h))
	}
	return err
}

// decide lets one held mail go or drops it, as the log alone says.
func (s Sweeper) decide(ctx context.Context, h notification.Held) error {
	var invitation group.Invitation
	known := false
	err := s.Engine.Group(ctx, notificationsName, h.Group, func(g group.State) { invitation, known = g.Invitation(h.Invitation) })
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	switch now := s.Engine.Clock(); {
	case known && invitation.OpenAt(now):
		return s.Outbox.Release(ctx, notification.InvitationID(h.Invitation))
	case known, now.Sub(h.Since) >= forsaken:
		return s.Outbox.DropHeld(ctx, h)
	}
	return nil
}

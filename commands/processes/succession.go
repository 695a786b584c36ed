package processes

import (
	"context"
	"time"

	"praxis/commands"
	"praxis/commands/notification"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/group"
)

// The kinds of the timers of a claim: of the one that fulfils it, and of those of the
// notifications before it. They are about who claimed.
const (
	succeedTimer = "succeed"
	warnTimer    = "warn"
)

// claimTimers are how the keys of the timers of a claim begin, and how long before it
// is fulfilled they fire.
var claimTimers = []struct {
	key    string
	before time.Duration
}{{succeedTimer + ":", 0}, {warnTimer + ":7:", 7 * day}, {warnTimer + ":1:", day}}

// day is one of those in which a claim's time is counted.
const day = 24 * time.Hour

// Succession makes a successor the owner once the time of their claim is over, and
// tells the owner seven days and one day before (AMB-1). It follows the log from its
// beginning, so that no claim is forgotten; what was stopped, it finds stopped.
func Succession(c Config) process.Process {
	return process.Process{
		Name: "succession", Categories: []es.Category{group.Category},
		OnEvent: reactToSuccession,
		OnTimer: timers{
			succeedTimer: func(t process.Timer, _ string) ([]process.Effect, error) {
				succeed := once(c.Engine, commands.CompleteSuccession, group.CompleteSuccession{})
				return []process.Effect{process.Send{Group: t.Group, Command: "processes.succeed", Give: succeed}}, nil
			},
			warnTimer: func(t process.Timer, _ string) ([]process.Effect, error) {
				return []process.Effect{process.Send{Group: t.Group, Command: "processes.warn", Give: c.warn}}, nil
			},
		}.fire,
	}
}

func reactToSuccession(env es.Envelope) (effects []process.Effect, err error) {
	g, _ := env.Stream.Group()
	switch e := env.Event.(type) {
	case group.SuccessionClaimed:
		for _, t := range claimTimers {
			effects = append(effects, process.SetTimer{Group: g, Key: t.key + e.By.String(), Due: notBefore(e.DueAt.Add(-t.before))})
		}
	case group.MemberAccessRevoked:
		// It may be anybody's; only members who claimed have timers.
		for _, t := range claimTimers {
			effects = append(effects, process.ClearTimer{Group: g, Key: t.key + e.Member.String()})
		}
	case group.SuccessionRejected, group.SuccessionWithdrawn, group.SuccessorNamed, group.SuccessorCleared,
		group.OwnershipOffered, group.OwnershipTransferred, group.GroupClosed:
		return cancelTimers(g), nil
	}
	return effects, nil
}

// warn tells the owner of the open claim.
func (c Config) warn(ctx context.Context, call commands.Call) error {
	return c.tell(ctx, call, notification.Tell(notification.ClaimComing{Now: c.Engine.Clock()}))
}

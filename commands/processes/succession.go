package processes

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"praxis/commands"
	"praxis/commands/letters"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// succeedKey begins the key of the timer that fulfils a claim, warnKey those of the
// letters before it; both end with who claimed.
const (
	succeedKey = "succeed:"
	warnKey    = "warn:"
)

// warnings are how many days before a claim is fulfilled the owner gets another
// letter.
func warnings() []int { return []int{7, 1} }

// The commands of the process of the succession.
type (
	// succeed makes the successor the owner.
	succeed struct{}
	// warn tells the owner that a claim is about to be fulfilled.
	warn struct{}
)

// Succession makes a successor the owner once the time of their claim is over, and
// tells the owner seven days and one day before (AMB-1). It follows the log from its
// beginning, so that no claim is forgotten; what was stopped, it finds stopped.
func Succession(e *commands.Engine, p Notifier) process.Process {
	c := letterDispatcher{e, p}
	return process.Process{
		Name: "succession", Categories: []es.Category{group.Category},
		OnEvent: reactToSuccession, OnTimer: fireSuccession,
		Dispatch: func(ctx context.Context, call commands.Call, command any) error {
			switch command.(type) {
			case succeed:
				_, err := commands.CompleteSuccession.Give(ctx, e, call, group.CompleteSuccession{})
				return err
			case warn:
				return c.warn(ctx, call)
			default:
				return errForeign
			}
		},
	}
}

func reactToSuccession(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	switch e := env.Event.(type) {
	case group.SuccessionClaimed:
		effects := []process.Effect{process.SetTimer{Group: g, Key: succeedKey + e.By.String(), Due: notBefore(e.DueAt)}}
		for _, days := range warnings() {
			effects = append(effects, process.SetTimer{Group: g, Key: warning(days, e.By), Due: notBefore(e.DueAt.Add(-time.Duration(days) * day))})
		}
		return effects, nil
	case group.MemberAccessRevoked:
		// It may be anybody's; only members who claimed have timers.
		effects := []process.Effect{process.ClearTimer{Group: g, Key: succeedKey + e.Member.String()}}
		for _, days := range warnings() {
			effects = append(effects, process.ClearTimer{Group: g, Key: warning(days, e.Member)})
		}
		return effects, nil
	case group.SuccessionRejected, group.SuccessionWithdrawn, group.SuccessorNamed, group.SuccessorCleared,
		group.OwnershipOffered, group.OwnershipTransferred, group.GroupClosed:
		return cancelTimers(g), nil
	}
	return nil, nil
}

// day is one of those in which a claim's time is counted.
const day = 24 * time.Hour

func warning(days int, claimant id.Member) string {
	return warnKey + strconv.Itoa(days) + ":" + claimant.String()
}

func fireSuccession(t process.Timer) ([]process.Effect, error) {
	switch {
	case strings.HasPrefix(t.Key, succeedKey):
		return []process.Effect{process.Send{Group: t.Group, Command: succeed{}}}, nil
	case strings.HasPrefix(t.Key, warnKey):
		return []process.Effect{process.Send{Group: t.Group, Command: warn{}}}, nil
	}
	return nil, fmt.Errorf("timer %s is none of the succession's", t.Key)
}

// warn tells the owner of the open claim. One that is due says nothing more: it is
// being fulfilled, and the owner gets a letter about that.
func (c letterDispatcher) warn(ctx context.Context, call commands.Call) error {
	return c.write(ctx, call, func(g group.State) notification {
		claim, open := g.SuccessionClaim()
		if !open || !c.engine.Clock().Before(claim.DueAt) {
			return notification{}
		}
		return aboutClaim(g, claim.By, func(p letters.Practice, name string) letters.Letter {
			return p.SuccessionComing(name, claim.DueAt)
		})
	})
}

// aboutClaim writes to the owner about a claim of somebody who is named.
func aboutClaim(g group.State, claimant id.Member, write func(letters.Practice, string) letters.Letter) notification {
	by, _ := g.Member(claimant)
	return notification{members(g, g.Owner()), by.Account, func(_ id.Account, name string) letters.Letter {
		return write(practiceOf(g), name)
	}}
}

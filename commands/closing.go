package commands

import (
	"context"
	"fmt"
	"strings"
	"time"

	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// errGroupClosed answers every command of a practice that has ended.
var errGroupClosed = fault.New(fault.Rejected, "group_closed", "This practice is closed. Its records can be read and exported; nothing of it can be changed.")

// closedTo is the answer to an actor who wants to change a closed practice. To
// strangers it looks like one that does not exist.
func closedTo(actor access.Subject) error {
	if actor.Kind == access.KindStranger {
		return errUnknownGroup
	}
	return errGroupClosed
}

// CloseGroup ends the practice (ADR 17), and frees the owner's account for
// another one (G-7); if that cannot be done now, the account is freed when it
// joins or founds one. The owner goes on reading. Faults: those of
// group.CloseGroup, "step_up_auth_required".
var CloseGroup = declare(groupSpec[group.CloseGroup, group.ClosingFacts]{
	On: onGroup, Name: "group.close", Operation: "closeGroup", Needs: access.GroupClose, FreshSignIn: true,
	Sample: group.CloseGroup{ExportManifestHash: strings.Repeat("0", 64)},
	Facts: func(ctx context.Context, w *World, g id.Group, c group.CloseGroup) (f group.ClosingFacts, err error) {
		f.By = w.Actor.Member
		f.IsExported, err = w.engine.isExported(ctx, g, c.ExportManifestHash)
		return f, err
	},
	Decide: group.CloseGroup.Decide,
	Around: func(ctx context.Context, e *Engine, call Call, g id.Group, c group.CloseGroup, do func(Call) (Receipt, error)) (Receipt, error) {
		closing := func(call Call) (Receipt, error) { return touchingAll(ctx, e, call, g, c, do) }
		return e.ending(ctx, call, closing, func(s group.State) (owner group.Member) {
			if s.Closed() {
				owner, _ = s.Member(s.Owner())
			}
			return owner
		})
	},
})

// exportDays is how old an export of the records may be when the practice closes.
const exportDays = 7

// isExported reports whether the practice's access log has an export with this
// hash of the last days that no filter narrowed, other than the one between
// archived charts and the others. What the file held is known to the log by its
// hash alone; whether the owner still has it is unknown.
func (e *Engine) isExported(ctx context.Context, g id.Group, hash string) (bool, error) {
	now := e.Clock()
	since := now.Add(-exportDays * 24 * time.Hour)
	for day := since; !day.After(now); day = day.Add(24 * time.Hour) {
		for rec, err := range e.config.Store.ReadStream(ctx, accesslog.Stream(g, day), 0) {
			if err != nil {
				return false, fmt.Errorf("look for the export: %w", err)
			}
			env, err := e.config.Registry.Decode(rec)
			if err != nil {
				return false, fmt.Errorf("look for the export: %w", err)
			}
			x, ok := env.Event.(accesslog.DataExported)
			isWhole := x.Filter == "" || x.Filter == "archived"
			if ok && isWhole && x.SHA256 == hash && !env.Meta.OccurredAt.Before(since) {
				return true, nil
			}
		}
	}
	return false, nil
}

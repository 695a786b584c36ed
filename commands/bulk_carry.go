package commands

import (
	"context"
	"fmt"

	"praxis/domain/bulk"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// CarryOnBulk deals with the next batch of an operation on many charts, one chart after
// the other, and records what became of each. Every chart has a command of its own, whose
// id follows from the operation: what was done before a crash is found done. It is for
// the process that carries operations out. Faults: "process_only", and those that may pass.
func (e *Engine) CarryOnBulk(ctx context.Context, call Call, b id.Bulk) error {
	if call.Process == "" {
		return errProcessOnly
	}
	s, err := lookUp(ctx, e.bulks, bulk.Stream(call.Group, b), func(s bulk.State) bulk.State { return s })
	if err != nil || !s.Exists() || s.Ended() {
		return err
	}
	account, err := e.accountOf(ctx, call.Group, s.By)
	if err != nil {
		return err
	}
	from, charts := s.Next()
	record := bulk.Record{From: from, Rehearsal: s.Phase == bulk.Rehearsing}
	for _, c := range charts {
		one := bulkPart{s, c, Call{
			Account: account, Group: call.Group, Command: bulkCommand(b, c), DryRun: record.Rehearsal, NoPreview: true,
			Correlation: call.Correlation, Causation: call.Causation, Request: call.Request, Reason: s.Change.Reason,
		}}
		result, done, err := e.bulkResult(ctx, one)
		if err != nil {
			return err
		}
		if done {
			record.Results = append(record.Results, result)
		}
	}
	// A timer can ring twice within an instant: the record is named by what it records.
	_, err = recordBulk.Give(ctx, e, call.step(fmt.Sprint(s.Phase, from)), b, record)
	return err
}

// bulkCommand is the id of the command that an operation gives to a chart.
func bulkCommand(b id.Bulk, c id.Chart) id.Command {
	return id.Derive[id.Command]("bulk", b.String(), c.String())
}

// bulkPart is what an operation does to one chart.
type bulkPart struct {
	bulk.State
	chart id.Chart
	call  Call
}

// bulkResult is what becomes of one chart; done is false for one that a cancelled
// operation has not changed. Its error is one that may pass.
func (e *Engine) bulkResult(ctx context.Context, p bulkPart) (result bulk.Result, done bool, err error) {
	result = bulk.Result{Chart: p.chart, Outcome: bulk.Changed}
	if p.Phase == bulk.Cancelling {
		// A batch may have been cut short by a crash.
		done, err = e.carriedOut(ctx, p)
		return result, done, err
	}
	changed, err := e.changeInBulk(ctx, p)
	switch refused := fault.From(err); {
	case err == nil && changed:
		return result, true, nil
	case err == nil:
		result.Outcome = bulk.Unchanged
		return result, true, nil
	case ctx.Err() != nil || refused.Kind == fault.Unavailable || refused.Kind == fault.TooMany:
		return result, false, err
	default:
		// Who lost the permission since a crash is refused what was done before it.
		if !p.call.DryRun {
			if did, failed := e.carriedOut(ctx, p); did || failed != nil {
				return result, did, failed
			}
		}
		result.Outcome, result.Code, result.Message = bulk.Failed, refused.Code, refused.Message
		return result, true, nil
	}
}

// carriedOut reports whether a chart was changed by the operation.
func (e *Engine) carriedOut(ctx context.Context, p bulkPart) (done bool, err error) {
	entry, err := e.charts.read(ctx, chart.Stream(p.Group, p.chart))
	if err != nil {
		return false, err
	}
	entry.mu.RLock()
	defer entry.mu.RUnlock()
	_, done = entry.commands[p.call.Command]
	return done, nil
}

// changeInBulk gives one chart the command that the operation stands for, or takes back
// what another operation did to it.
func (e *Engine) changeInBulk(ctx context.Context, p bulkPart) (changed bool, err error) {
	steps := []step{p.step()}
	if !p.Undoes.IsZero() {
		if steps, err = e.takingBack(ctx, p); err != nil {
			return false, err
		}
	}
	call := p.call
	for i, give := range steps {
		if i > 0 {
			call = p.call.step(string(rune('0' + i)))
			if call.DryRun {
				break // It rests on the first, which was not done.
			}
		}
		receipt, err := give(ctx, e, call, p.chart)
		if err != nil {
			return false, err
		}
		changed = changed || receipt.Replayed || len(receipt.Events) > 0
	}
	return changed, nil
}

// step is one command on a chart.
type step = func(ctx context.Context, e *Engine, call Call, c id.Chart) (Receipt, error)

func stepOf[C any](k *CommandOn[id.Chart, C], c C) step {
	return func(ctx context.Context, e *Engine, call Call, which id.Chart) (Receipt, error) {
		return k.Give(ctx, e, call, which, c)
	}
}

// step is the command that the operation stands for.
func (p bulkPart) step() step {
	c := p.Change
	switch c.Op {
	case bulk.AssignBranch:
		return stepOf(AssignBranch, chart.AssignBranch{Branch: c.Branch})
	case bulk.ChangeStatus:
		return stepOf(ChangeChartStatus, chart.ChangeStatus{To: c.Status})
	case bulk.Archive:
		return stepOf(ArchiveChart, chart.Archive{Reason: c.Reason, Force: c.Force})
	case bulk.Unarchive:
		return stepOf(UnarchiveChart, chart.Unarchive{})
	case bulk.AddTeamMember:
		return stepOf(AddTeamMember, chart.AddTeamMember{Member: c.Member, Role: c.Role})
	case bulk.ChangeTeamRole:
		return stepOf(ChangeTeamRole, chart.ChangeTeamRole{Member: c.Member, Role: c.Role})
	case bulk.RemoveTeamMember:
		return stepOf(RemoveTeamMember, chart.RemoveTeamMember{Member: c.Member})
	case bulk.AssignClinician:
	}
	return stepOf(AssignClinician, chart.AssignClinician{Clinician: c.Clinician, FormerBecomes: c.FormerBecomes})
}

var errChangedSince = fault.New(fault.Rejected, "changed_since", "This chart was changed again since, and stays as it is.")

// takingBack are the commands that bring a chart back to what it was before an operation
// changed it. Faults: "changed_since".
func (e *Engine) takingBack(ctx context.Context, p bulkPart) ([]step, error) {
	did, own := bulkCommand(p.Undoes, p.chart), p.call.Command
	second := p.call.step("1").Command
	var before chart.State
	var done []chart.Event
	var reason string
	for events, err := range decoded(e.config.Registry, e.config.Store.ReadStream(ctx, chart.Stream(p.Group, p.chart), 0)) {
		if err != nil {
			return nil, err
		}
		for _, env := range events {
			event, _ := env.Event.(chart.Event)
			switch {
			case env.Meta.Command == did:
				done = append(done, event)
			case env.Meta.Command == own || env.Meta.Command == second:
				// It was taken back before a crash.
			case len(done) == 0:
				chart.Evolve(&before, event)
				if archived, ok := event.(chart.Archived); ok {
					reason = archived.Reason
				}
			case p.touches(event):
				return nil, errChangedSince
			}
		}
	}
	if len(done) == 0 {
		return nil, errChangedSince
	}
	return p.inverse(done[len(done)-1], before, reason), nil
}

// touches reports whether an event is about what the operation changes.
func (p bulkPart) touches(event chart.Event) bool {
	team := func(m id.Member) bool {
		return p.Change.Op == bulk.AssignClinician || m == p.Change.Member && p.onTeam()
	}
	switch e := event.(type) {
	case chart.PrimaryProfessionalChanged:
		return team(e.From) || team(e.To)
	case chart.PlacedInCustody:
		return team(e.From) || team(e.Custodian)
	case chart.TeamMemberAdded:
		return team(e.Member)
	case chart.TeamRoleChanged:
		return team(e.Member)
	case chart.TeamWindowChanged:
		return team(e.Member)
	case chart.TeamMemberRemoved:
		return team(e.Member)
	case chart.BranchChanged:
		return p.Change.Op == bulk.AssignBranch
	case chart.StatusChanged:
		return p.Change.Op == bulk.ChangeStatus
	case chart.Archived, chart.Unarchived:
		return p.Change.Op == bulk.Archive || p.Change.Op == bulk.Unarchive
	default:
		return false
	}
}

// onTeam reports whether the operation is about a place on the care team.
func (p bulkPart) onTeam() bool {
	return p.Change.Op == bulk.AddTeamMember || p.Change.Op == bulk.ChangeTeamRole || p.Change.Op == bulk.RemoveTeamMember
}

// inverse are the commands that take an event back; before is the chart as it was.
func (p bulkPart) inverse(event chart.Event, before chart.State, reason string) []step {
	switch e := event.(type) {
	case chart.PrimaryProfessionalChanged:
		if before.InCustody {
			return []step{stepOf(PlaceInCustody, chart.PlaceInCustody{Custodian: before.Primary()})}
		}
		role, _ := before.Team().RoleOf(e.To)
		steps := []step{stepOf(AssignClinician, chart.AssignClinician{Clinician: e.From, FormerBecomes: role})}
		if w := before.Team().WindowOf(e.To); !w.IsZero() {
			steps = append(steps, stepOf(ChangeTeamWindow, chart.ChangeTeamWindow{Member: e.To, Window: careteam.Window{Until: w.Until, From: w.From}}))
		}
		return steps
	case chart.BranchChanged:
		return []step{stepOf(AssignBranch, chart.AssignBranch{Branch: e.From})}
	case chart.StatusChanged:
		return []step{stepOf(ChangeChartStatus, chart.ChangeStatus{To: e.From})}
	case chart.Archived:
		return []step{stepOf(UnarchiveChart, chart.Unarchive{})}
	case chart.Unarchived:
		return []step{stepOf(ArchiveChart, chart.Archive{Reason: reason, Force: before.ArchiveForced})}
	case chart.TeamMemberAdded:
		return []step{stepOf(RemoveTeamMember, chart.RemoveTeamMember{Member: e.Member})}
	case chart.TeamRoleChanged:
		return []step{stepOf(ChangeTeamRole, chart.ChangeTeamRole{Member: e.Member, Role: e.From})}
	case chart.TeamMemberRemoved:
		return []step{stepOf(AddTeamMember, chart.AddTeamMember{Member: e.Member, Role: e.LastRole, Window: e.Window})}
	default:
		return nil
	}
}

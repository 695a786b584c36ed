package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/bulk"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// starting are the facts of an operation on many charts.
type starting struct {
	bulk.Starting
	// start is what is begun, where that follows from another operation.
	start bulk.Start
	// within is one of its charts that the actor may change so.
	within access.Resource
}

// startBulk is the command that begins one kind of operation.
func startBulk(needs access.Capability, sample bulk.Change) *CommandOn[id.Bulk, bulk.Start] {
	return declareOn(bulkSpec[bulk.Start, starting]{
		On: onBulk, Name: "bulk.start_" + string(sample.Op), Operation: "startBulk", Needs: needs,
		Sample:   bulk.Start{Change: sample, Charts: []id.Chart{sampleID[id.Chart]("chart")}},
		Resource: withinReach[bulk.Start],
		Facts: func(ctx context.Context, w *World, b id.Bulk, c bulk.Start) (f starting, err error) {
			f.Starting = bulk.Starting{Bulk: b, Group: w.Call.Group, By: w.Actor.Member}
			f.within, err = w.oneOf(ctx, needs, c.Chosen())
			return f, err
		},
		Decide: func(c bulk.Start, s bulk.State, f starting, now time.Time) ([]bulk.Event, error) {
			return c.Decide(s, f.Starting, now)
		},
	})
}

// withinReach is what permissions for an operation are asked for.
func withinReach[C any](_ id.Group, _ id.Bulk, _ C, f starting, _ bulk.State) access.Resource {
	return f.within
}

// oneOf is the first of some charts that the actor reaches with a permission, of all where
// none are named; the practice where there is none. It waits for the roster.
func (w *World) oneOf(ctx context.Context, c access.Capability, charts []id.Chart) (access.Resource, error) {
	g := w.Call.Group
	reach := access.ReachOf(w.Actor, c, w.Now)
	if reach.Everything() || reach.Empty() {
		return access.Resource{Group: g}, nil
	}
	all, err := w.engine.needCurrentRoster(ctx, g)
	if err != nil {
		return access.Resource{Group: g}, err
	}
	known := make(map[id.Chart]group.ChartFacts, len(all))
	for _, f := range all {
		known[f.Chart] = f
		if charts == nil && reach.Contains(f.Resource(g)) {
			return f.Resource(g), nil
		}
	}
	for _, c := range charts {
		if f, ok := known[c]; ok && reach.Contains(f.Resource(g)) {
			return f.Resource(g), nil
		}
	}
	return access.Resource{Group: g}, nil
}

// startsOf has the command that begins each operation, in the order of the reference.
var startsOf = map[bulk.Op]*CommandOn[id.Bulk, bulk.Start]{
	bulk.AssignClinician: startBulk(access.ChartAssignClinician, bulk.Change{Op: bulk.AssignClinician, Clinician: sampleID[id.Member]("colleague")}),
	bulk.AssignBranch:    startBulk(access.ChartAssignBranch, bulk.Change{Op: bulk.AssignBranch, Branch: sampleID[id.Branch]("branch")}),
	bulk.ChangeStatus:    startBulk(access.ChartStatusChange, bulk.Change{Op: bulk.ChangeStatus, Status: chart.Inactive}),
	bulk.Archive:         startBulk(access.ChartArchive, bulk.Change{Op: bulk.Archive, Reason: "Practice moved"}),
	bulk.Unarchive:       startBulk(access.ChartArchive, bulk.Change{Op: bulk.Unarchive}),
	bulk.AddTeamMember:   startBulk(access.TeamAdd, bulk.Change{Op: bulk.AddTeamMember, Member: sampleID[id.Member]("colleague"), Role: careteam.Support}),
	bulk.ChangeTeamRole:  startBulk(access.TeamChange, bulk.Change{Op: bulk.ChangeTeamRole, Member: sampleID[id.Member]("member"), Role: careteam.Support}),
	bulk.RemoveTeamMember: startBulk(access.TeamChange, bulk.Change{
		Op: bulk.RemoveTeamMember, Member: sampleID[id.Member]("member"),
	}),
}

// StartBulk begins an operation on many charts, which a process carries out afterwards:
// each chart is judged by itself, as the member who began it. It waits for the roster.
// Faults: those of bulk.Start, "rosters_unavailable".
var StartBulk = &CommandOn[id.Bulk, bulk.Start]{startsOf[bulk.AssignClinician].Description, func(ctx context.Context, e *Engine, call Call, b id.Bulk, c bulk.Start) (Receipt, error) {
	kind, known := startsOf[c.Op]
	if !known {
		kind = startsOf[bulk.AssignClinician] // It says that there is no such operation.
	}
	return kind.Give(ctx, e, call, b, c)
}}

// BulkNeeds is the permission that an operation needs for each chart.
func BulkNeeds(op bulk.Op) access.Capability {
	kind, known := startsOf[op]
	if !known {
		return access.ChartAssignClinician
	}
	return kind.Needs
}

// seesBulk reports whether somebody may see an operation: their own, or any of which they
// may change every chart.
func seesBulk(actor access.Subject, s bulk.State, now time.Time) bool {
	return s.Exists() && (actor.Member == s.By || access.ReachOf(actor, BulkNeeds(s.Change.Op), now).Everything())
}

// CancelBulk has an operation change no further chart. Faults: those of bulk.Cancel.
var CancelBulk = declareOn(bulkSpec[bulk.Cancel, handling]{
	On: onBulk, Name: "bulk.cancel", Operation: "cancelBulk", Needs: access.RosterView,
	Resource: func(_ id.Group, _ id.Bulk, _ bulk.Cancel, f handling, _ bulk.State) access.Resource { return f.within },
	Facts: func(ctx context.Context, w *World, b id.Bulk, _ bulk.Cancel) (handling, error) {
		f, _, err := w.handles(ctx, b)
		return f, err
	},
	Decide: func(c bulk.Cancel, s bulk.State, f handling, now time.Time) ([]bulk.Event, error) {
		return c.Decide(s, f.Handling, now)
	},
})

// handling are the facts where somebody wants something of an operation.
type handling struct {
	bulk.Handling
	within access.Resource
}

// handles looks at an operation for the actor.
func (w *World) handles(ctx context.Context, b id.Bulk) (f handling, s bulk.State, err error) {
	s, err = lookUp(ctx, w.engine.bulks, bulk.Stream(w.Call.Group, b), func(s bulk.State) bulk.State { return s })
	if err != nil {
		return f, s, err
	}
	f.By, f.Seen = w.Actor.Member, seesBulk(w.Actor, s, w.Now)
	f.within, err = w.oneOf(ctx, access.RosterView, nil)
	return f, s, err
}

// UndoneBulk is what UndoBulk is asked for.
type UndoneBulk struct {
	Of id.Bulk `json:"of"`
}

// UndoBulk begins an operation that takes another one back: each chart that it changed is
// brought back to what it was before, where nothing else has changed that since. Faults:
// those of bulk.State.Undo and bulk.Start.
var UndoBulk = declareOn(bulkSpec[UndoneBulk, starting]{
	On: onBulk, Name: "bulk.undo", Operation: "undoBulk", Needs: access.RosterView,
	Sample: UndoneBulk{Of: sampleID[id.Bulk]("bulk")}, Resource: withinReach[UndoneBulk],
	Facts: func(ctx context.Context, w *World, b id.Bulk, c UndoneBulk) (f starting, err error) {
		h, former, err := w.handles(ctx, c.Of)
		f.within = h.within
		if err != nil {
			return f, err
		}
		f.Starting = bulk.Starting{Bulk: b, Group: w.Call.Group, By: w.Actor.Member, Undoes: c.Of}
		f.start, err = former.Undo(h.Seen)
		return f, err
	},
	Decide: func(_ UndoneBulk, s bulk.State, f starting, now time.Time) ([]bulk.Event, error) {
		return f.start.Decide(s, f.Starting, now)
	},
})

// recordBulk notes what became of a batch. Faults: those of bulk.Record, "process_only".
var recordBulk = declareOn(bulkSpec[bulk.Record, None]{
	On: onBulk, Name: "bulk.record", Needs: access.RosterView, Actors: ProcessesOnly,
	Decide: alone(bulk.Record.Decide),
})

// Bulk returns an operation on many charts, as it is now. Faults: "bulk_not_found",
// "permission_denied", "group_not_found".
func (e *Engine) Bulk(ctx context.Context, call Call, b id.Bulk) (bulk.State, es.Revision, error) {
	stream := bulk.Stream(call.Group, b)
	admission, err := e.Admit(ctx, call, Question{Action: "bulk.get", Capability: access.RosterView, Target: stream})
	if err != nil {
		return bulk.State{}, es.NoStream, err
	}
	var found bulk.State
	var at es.Revision
	err = e.bulks.view(ctx, stream, func(s bulk.State, revision es.Revision) { found, at = s, revision })
	if err == nil && !seesBulk(admission.Subject, found, e.Clock()) {
		err = bulk.ErrNotFound
	}
	return found, at, err
}

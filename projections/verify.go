package projections

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/domain/es"
	"praxis/domain/id"
	parked "praxis/projections/quarantine"
	"praxis/projections/read"
)

// Verification says whether a build holds exactly the events of the log, each once.
type Verification struct {
	Name string `json:"name"`
	// Build names the rows that were looked at; State is empty if there are none yet.
	Build string `json:"build"`
	State State  `json:"state"`
	// Position is the place in the log up to which it was compared.
	Position es.Position `json:"position"`
	// Proven says that it holds every event up to there once, but for those that wait in
	// the quarantine or were left out. One that holds nothing of what the log has is not
	// proven.
	Proven bool `json:"proven"`
	// LagEvents is how many events the log has for it after Position; LagCapped says that
	// there may be more, and LagUnknown that the log did not say in time.
	LagEvents  int  `json:"lagEvents"`
	LagCapped  bool `json:"lagCapped"`
	LagUnknown bool `json:"lagUnknown"`
	// EventsApplied is how many events the rows are made of.
	EventsApplied int64 `json:"eventsApplied"`
	// Parked counts the streams that wait, Waiting the events in them that are not applied
	// for that reason, and Skipped those that were left out on a decision.
	Parked  int `json:"parked"`
	Waiting int `json:"waiting"`
	Skipped int `json:"skipped"`
	// EventsUnkept is how many events were applied by a release that did not keep which;
	// such a build cannot be compared, and a rebuild mends that.
	EventsUnkept int64 `json:"eventsUnkept"`
	// Differences are the stretches of the log that do not fit, the first first.
	Differences []Difference `json:"differences"`
}

// Verify compares what builds hold with the log, which it reads once: those of the named
// projections, or of all if none is named. It may run beside a server and changes nothing;
// each build is compared up to where it was when the call began. progress, if not nil, is
// called now and then. Fault: "unknown_projection", and those of the stores.
func (r *Runner) Verify(ctx context.Context, names []string, progress func(Progress)) ([]Verification, error) {
	projectors, err := r.pick(names)
	if err != nil {
		return nil, err
	}
	audits, err := r.audits(ctx, projectors)
	if err != nil {
		return nil, err
	}
	if err := r.compare(ctx, audits, progress); err != nil {
		return nil, err
	}
	places := make([]row, 0, len(audits))
	for _, a := range audits {
		places = append(places, row{Build: a.Build, Name: a.Name, Position: a.Position})
	}
	lags := r.lags(ctx, places, lagCap)
	found := make([]Verification, 0, len(audits))
	for _, a := range audits {
		behind := lags[a.Build]
		a.LagEvents, a.LagCapped, a.LagUnknown = behind.events, behind.capped, behind.unknown
		found = append(found, a.verdict())
	}
	return found, nil
}

// audit compares one build with the log, stretch by stretch.
type audit struct {
	Verification
	categories []es.Category
	// waits is from which revision on the events of a stream are not applied, left which
	// events were left out.
	waits map[es.Stream]es.Revision
	left  map[id.Event]bool
	// stretches are what it holds; the first begins before the log.
	stretches []stretch
	// events are those of the log in the first of them.
	events []*sighted
}

// stretch is what a build holds of a part of the log.
type stretch struct {
	after  es.Position
	events int64
	digest *big.Int
}

// sighted is an event of the log, hashed once for all builds.
type sighted struct {
	es.Recorded
	hash hashed
}

const selectDigests = `
select d.after_commit as commit, d.after_prepare as prepare, d.events, d.digest::text as digest
  from praxis.projection_digest d join praxis.projection p on p.id = d.projection
 where p.build = $1
 order by d.after_commit, d.after_prepare`

// audits looks at what the builds hold, at one instant.
func (r *Runner) audits(ctx context.Context, projectors []Projector) (audits []*audit, err error) {
	err = pgx.BeginTxFunc(ctx, r.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		rows, err := loadRows(ctx, tx, projectors...)
		if err != nil {
			return err
		}
		for _, p := range projectors {
			at := rows[p.Name()]
			a := &audit{categories: p.Categories(), waits: map[es.Stream]es.Revision{}, left: map[id.Event]bool{}}
			a.Verification = Verification{Name: p.Name(), Build: Build(p), State: at.State, Position: at.Position, EventsApplied: at.Applied, Differences: []Difference{}}
			if err := a.load(ctx, tx, p); err != nil {
				return err
			}
			audits = append(audits, a)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look at what the builds hold: %w", err)
	}
	return audits, nil
}

func (a *audit) load(ctx context.Context, tx pgx.Tx, p Projector) error {
	type kept struct {
		es.Position
		Events int64
		Digest string
	}
	found, err := read.Rows[kept](ctx, tx, "read the digests", selectDigests, Build(p))
	if err != nil {
		return err
	}
	a.EventsUnkept = a.EventsApplied
	a.stretches = []stretch{{digest: new(big.Int)}}
	for _, k := range found {
		digest, isNumber := new(big.Int).SetString(k.Digest, 10)
		if !isNumber {
			return fmt.Errorf("the digest of %s after %s is not a whole number", Build(p), k.Position)
		}
		a.EventsUnkept -= k.Events
		a.stretches = append(a.stretches, stretch{k.Position, k.Events, digest})
	}
	entries, err := parked.List(ctx, tx, memberName(p))
	for _, e := range entries {
		if e.Status == parked.Parked {
			a.waits[e.Stream] = e.Revision
		} else if e.Event != nil {
			a.left[*e.Event] = true
		}
	}
	a.Parked = len(a.waits)
	return err
}

// compare reads the log once for all builds that can be compared.
func (r *Runner) compare(ctx context.Context, audits []*audit, progress func(Progress)) error {
	m := meter{started: r.Clock()}
	var upTo es.Position
	var categories []es.Category
	applied := 0
	for _, a := range audits {
		if a.EventsUnkept != 0 {
			continue
		}
		categories = append(categories, a.categories...)
		if upTo.Before(a.Position) {
			upTo = a.Position
		}
		applied += int(a.EventsApplied)
	}
	m.expect(0, applied)
	slices.Sort(categories)
	if categories = slices.Compact(categories); len(categories) == 0 || upTo == (es.Position{}) {
		return nil
	}
	const every = 5_000
	n := 0
	for rec, err := range r.Source.ReadAll(ctx, categories, es.Position{}) {
		if err != nil {
			return fmt.Errorf("%w: %w", errLog, err)
		}
		if upTo.Before(rec.Position) {
			break
		}
		e := &sighted{rec, hashOf(rec)}
		e.Data, e.Metadata = nil, nil
		for _, a := range audits {
			if a.wants(e) {
				a.take(e)
				m.events++
			}
		}
		if n++; n%every == 0 && progress != nil {
			progress(m.at(rec.Position, r.Clock()))
		}
	}
	if progress != nil {
		progress(m.at(upTo, r.Clock()))
	}
	return nil
}

// wants reports whether the build should know of an event.
func (a *audit) wants(e *sighted) bool {
	return a.EventsUnkept == 0 && !a.Position.Before(e.Position) && slices.Contains(a.categories, e.Stream.Category())
}

// take notes the next event of the log.
func (a *audit) take(e *sighted) {
	for len(a.stretches) > 1 && a.stretches[1].after.Before(e.Position) {
		a.close()
	}
	a.events = append(a.events, e)
}

// isAside reports whether an event is not applied for a reason that the quarantine knows.
func (a *audit) isAside(e *sighted) bool {
	from, waits := a.waits[e.Stream]
	return a.left[e.ID] || waits && e.Revision >= from
}

// close compares the first stretch, all of whose events were read.
func (a *audit) close() {
	held := a.stretches[0]
	upTo := a.Position
	if a.stretches = a.stretches[1:]; len(a.stretches) > 0 {
		upTo = a.stretches[0].after
	}
	sum, expected := new(big.Int), int64(0)
	for _, e := range a.events {
		switch {
		case !a.isAside(e):
			expected++
			sum.Add(sum, e.hash.number())
		case a.left[e.ID]:
			a.Skipped++
		default:
			a.Waiting++
		}
	}
	if lacks := sum.Sub(sum, held.digest); expected != held.events || lacks.Sign() != 0 {
		d := Difference{After: held.after, UpTo: upTo, EventsInLog: expected, EventsApplied: held.events}
		d.Events = append([]Misapplied{}, a.explain(expected-held.events, lacks)...)
		a.Differences = append(a.Differences, d)
	}
	a.events = a.events[:0]
}

// verdict compares what is left.
func (a *audit) verdict() Verification {
	if a.EventsUnkept == 0 {
		for len(a.stretches) > 0 {
			a.close()
		}
		holdsNothing := a.EventsApplied == 0 && a.Waiting+a.Skipped == 0 && (a.LagEvents > 0 || a.LagUnknown)
		a.Proven = a.State != "" && len(a.Differences) == 0 && !holdsNothing
	}
	return a.Verification
}

// Difference is a stretch of the log of which a build does not hold exactly the events.
type Difference struct {
	// After and UpTo are where it begins and ends.
	After es.Position `json:"after"`
	UpTo  es.Position `json:"upTo"`
	// EventsInLog is how many events the build should hold of it, EventsApplied how many
	// it does.
	EventsInLog   int64 `json:"eventsInLog"`
	EventsApplied int64 `json:"eventsApplied"`
	// Events are those that make the whole difference, in the order of the log; none if it
	// cannot be told which they are: if they are more than two, or not in the log.
	Events []Misapplied `json:"events"`
}

// Wrong says what is wrong with an event in a build.
type Wrong string

// What can be wrong with an event.
const (
	// Missing events were never applied.
	Missing Wrong = "missing"
	// Doubled events were applied once too often.
	Doubled Wrong = "doubled"
	// Quarantined events were applied although they are to wait or were left out.
	Quarantined Wrong = "quarantined"
)

// Misapplied is an event of the log that was not applied exactly once.
type Misapplied struct {
	Wrong    Wrong       `json:"wrong"`
	Position es.Position `json:"position"`
	Stream   es.Stream   `json:"stream"`
	Revision es.Revision `json:"revision"`
	Type     string      `json:"type"`
	ID       id.Event    `json:"id"`
	// RecordedAt is UTC.
	RecordedAt time.Time `json:"recordedAt"`
}

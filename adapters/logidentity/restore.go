package logidentity

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"praxis/adapters/postgres"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Models are the read models.
type Models interface {
	// Empty has a read model begin again, without rows. Fault: "unknown_projection".
	Empty(ctx context.Context, name string) error
}

// Report says how log and database fit together, and what it takes that they do. Names
// are sorted.
type Report struct {
	// Log is the id of the log, Known that which Postgres noted; empty for none.
	Log   string `json:"log,omitempty"`
	Known string `json:"known,omitempty"`
	// End is the position of the last event of the log.
	End es.Position `json:"end"`
	// Fits says that nothing has to be mended, Code otherwise what is wrong: as the fault
	// with which servers refuse the log.
	Fits bool   `json:"fits"`
	Code string `json:"code,omitempty"`
	// Refill are the read models that are to be filled again from the log, Restart the
	// processes that are to begin again, and GoOn both kinds that go on after the last
	// event that they have read.
	Refill  []string `json:"refill,omitempty"`
	Restart []string `json:"restart,omitempty"`
	GoOn    []string `json:"goOn,omitempty"`
}

// Restorer makes Postgres fit a log that was put back. No server may follow a log meanwhile;
// those that found this one wrong do not.
type Restorer struct {
	*Guard
	Models Models
	// FromNow names the processes that begin at the end of the log.
	FromNow []string
}

// Look says what it would take. It changes nothing.
func (r Restorer) Look(ctx context.Context) (Report, error) {
	plan, err := r.plan(ctx)
	return plan.Report, postgres.Translate(err)
}

// plan is a report with whom it is about.
type plan struct {
	Report
	log                   id.Log
	refill, restart, goOn []Follower
}

func (r Restorer) plan(ctx context.Context) (p plan, err error) {
	known, err := loadKnown(ctx, r.Pool)
	if err != nil {
		return p, err
	}
	if p.log, err = r.identity(ctx); err != nil {
		return p, err
	}
	found, err := r.examine(ctx, known.followers)
	if err != nil {
		return p, err
	}
	p.End = found.tail
	if !p.log.IsZero() {
		p.Log = p.log.String()
	}
	if !known.id.IsZero() {
		p.Known = known.id.String()
	}
	isAnother := !known.id.IsZero() && known.id != p.log
	wrong := found.answer()
	if isAnother {
		wrong = errDiffers
	}
	if p.Fits = wrong == nil; !p.Fits {
		p.Code = fault.From(wrong).Code
	}
	for _, f := range known.followers {
		isGone := isAnother || slices.Contains(found.replaced, f) || slices.Contains(found.ahead, f) && !r.has(ctx, f, &err) || f.Last.IsZero() && f.Position != es.Position{}
		switch {
		case p.Fits:
		case isGone && f.Kind == ReadModel:
			p.refill, p.Refill = append(p.refill, f), append(p.Refill, f.Name)
		case isGone:
			p.restart, p.Restart = append(p.restart, f), append(p.Restart, f.Name)
		default:
			p.goOn, p.GoOn = append(p.goOn, f), append(p.GoOn, f.Name)
		}
	}
	return p, err
}

// has reports whether the log has the last event of a follower that read on without one.
func (r Restorer) has(ctx context.Context, f Follower, failed *error) bool {
	if f.Last.IsZero() {
		return false
	}
	rec, ok, err := r.Log.EventAt(ctx, f.Last.Position)
	*failed = errors.Join(*failed, err)
	return ok && rec.ID == f.Last.ID
}

// Mend makes Postgres fit the log, and returns what it did. Broken off, it goes on when
// it is called again.
func (r Restorer) Mend(ctx context.Context) (Report, error) {
	p, err := r.plan(ctx)
	if err != nil {
		return p.Report, postgres.Translate(err)
	}
	if !p.Fits {
		err = r.mend(ctx, p)
	}
	if err == nil && p.log.IsZero() {
		p.log, err = r.identify(ctx)
	}
	if err == nil {
		_, err = r.Pool.Exec(ctx, `
insert into praxis.log (id) values ($1)
on conflict (only_one) do update set id = excluded.id, noted_at = now() where log.id <> excluded.id`, p.log)
	}
	p.Log = p.log.String()
	return p.Report, postgres.Translate(err)
}

// mend leaves for last what servers find to be wrong: as soon as all of it fits, those that
// wait go on by themselves.
func (r Restorer) mend(ctx context.Context, p plan) error {
	if err := pgx.BeginFunc(ctx, r.Pool, func(tx pgx.Tx) error { return r.setBack(ctx, tx, p) }); err != nil {
		return err
	}
	for _, f := range p.refill {
		if err := r.Models.Empty(ctx, f.Name); err != nil {
			return fmt.Errorf("have the read model %s begin again: %w", f.Name, err)
		}
	}
	return nil
}

// setBack has go on after their last event those that have it, and begin again the
// processes that do not.
func (r Restorer) setBack(ctx context.Context, tx pgx.Tx, p plan) error {
	for _, f := range p.goOn {
		if _, err := tx.Exec(ctx, goOn[f.Kind], f.Name); err != nil {
			return fmt.Errorf("set %s back to its last event: %w", f.Name, err)
		}
	}
	for _, f := range p.restart {
		var from es.Position
		if slices.Contains(r.FromNow, f.Name) {
			from = p.End
		}
		for _, sql := range []string{
			"delete from praxis.process_timer where process = $1",
			"delete from praxis.process_refusal where process = $1",
			"delete from praxis.quarantine where follower = 'process ' || $1",
		} {
			if _, err := tx.Exec(ctx, sql, f.Name); err != nil {
				return fmt.Errorf("clear what %s remembers: %w", f.Name, err)
			}
		}
		if _, err := tx.Exec(ctx, restart, f.Name, from.Commit, from.Prepare); err != nil {
			return fmt.Errorf("have %s begin again: %w", f.Name, err)
		}
	}
	return nil
}

const restart = `
update praxis.process
   set steps = steps + 1, commit_position = $2, prepare_position = $3,
       event_commit = null, event_prepare = null, event_id = null, updated_at = now()
 where name = $1`

// goOn sets a checkpoint back to the last event that it covers: up to where it was there
// were no others for it in the log that it knew, but there may be in this one.
var goOn = map[Kind]string{
	ReadModel: `
update praxis.projection
   set commit_position = coalesce(event_commit, 0), prepare_position = coalesce(event_prepare, 0), epoch = epoch + 1, updated_at = now()
 where build = $1`,
	Process: `
update praxis.process
   set commit_position = coalesce(event_commit, 0), prepare_position = coalesce(event_prepare, 0), steps = steps + 1, updated_at = now()
 where name = $1`,
}

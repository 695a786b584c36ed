package commands_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

// fragile is the store as a process sees it to which two things happen: something
// else is done right before its n-th append, and it is killed.
type fragile struct {
	*watched
	appends int
	before  int
	do      func()
	// killed counts the places at which it can die, from 1: before the first append,
	// after that, before the second … Zero lets it live.
	killed int
}

func (f *fragile) isDead() bool { return f.killed > 0 && 2*f.appends >= f.killed }

func (f *fragile) ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events {
	if f.isDead() {
		return func(yield func(es.Recorded, error) bool) { yield(es.Recorded{}, es.ErrStoreUnavailable) }
	}
	return f.watched.ReadStream(ctx, stream, from)
}

func (f *fragile) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	if f.isDead() {
		return es.Appended{}, es.ErrStoreUnavailable
	}
	f.appends++
	if f.appends == f.before {
		f.do()
	}
	if f.killed == 2*f.appends-1 {
		return es.Appended{}, es.ErrStoreUnavailable
	}
	done, err := f.watched.Append(ctx, stream, expected, events)
	if f.isDead() {
		return es.Appended{}, es.ErrStoreUnavailable
	}
	return done, err
}

// series folds the numbers of a clinician, and lists its events as they are printed
// when something is wrong with them.
func (p *practice) series(clinician id.Member) (invoice.Series, []string) {
	p.t.Helper()
	s := invoice.SeriesAggregate().New()
	var told []string
	for _, env := range p.log(invoice.SeriesID{Group: p.group, Clinician: clinician}.Stream()) {
		invoice.EvolveSeries(&s, env.Event.(invoice.SeriesEvent))
		told = append(told, fmt.Sprintf("%s %+v", env.Type, env.Event))
	}
	return s, told
}

// finish does for every number that was kept what the process of the numbers does
// some time after it.
func (p *practice) finish(clinician id.Member) {
	p.t.Helper()
	e := p.newEngine()
	for _, env := range p.log(invoice.SeriesID{Group: p.group, Clinician: clinician}.Stream()) {
		kept, ok := env.Event.(invoice.NumberAssigned)
		if !ok {
			continue
		}
		call := commands.Call{Process: "invoice_numbers", Group: p.group, Command: id.Derive[id.Command]("finish", env.ID.String())}
		l := invoice.LedgerID{Group: p.group, Chart: kept.Chart, Clinician: clinician}
		require.NoError(p.t, e.FinishIssue(p.ctx(), call, l, kept.Invoice))
	}
}

// Whatever happens beside an issue, right before any of its appends, and wherever it
// is killed: once what broke off is finished, every number of the series is that of
// an issued invoice, except those of discarded drafts, which the next invoices take.
func TestInvoice_NoNumberIsAGapForEver(t *testing.T) {
	const places = 4
	for name, beside := range map[string]func(s *numbering){
		"nothing":                       func(*numbering) {},
		"another person issues it":      func(s *numbering) { s.issue(s.draft) },
		"another invoice is issued":     func(s *numbering) { s.issue(s.p.draft(s.ledger)) },
		"it is discarded":               func(s *numbering) { s.discard() },
		"its chart goes to a colleague": func(s *numbering) { s.handOver() },
		"it is discarded and another is issued": func(s *numbering) {
			s.discard()
			s.issue(s.p.draft(s.ledger))
		},
		"another is issued and its chart goes to a colleague": func(s *numbering) {
			s.issue(s.p.draft(s.other))
			s.handOver()
		},
	} {
		t.Run("BIL-A22 "+name, func(t *testing.T) {
			for before := 1; before <= places; before++ {
				for killed := range 2*places + 1 {
					s := newNumbering(t)
					store := &fragile{watched: s.p.store, before: before, do: func() { beside(s) }, killed: killed}
					config := s.p.config()
					config.Store = store
					_, _ = s.p.issue(commands.NewEngine(config), s.p.by(s.ann), s.ledger, s.draft)
					s.requireNoGap(fmt.Sprintf("before append %d, killed at place %d", before, killed))
				}
			}
		})
	}
}

// numbering is a practice in which ann issues a draft, and people beside her.
type numbering struct {
	p             *practice
	beside        *commands.Engine
	ann, ben      person
	ledger, other invoice.LedgerID
	draft         id.Invoice
}

func newNumbering(t *testing.T) *numbering {
	t.Helper()
	p := newPractice(t)
	s := &numbering{p: p, beside: p.newEngine(), ann: p.join("ann", access.User, true), ben: p.join("ben", access.User, true)}
	p.may(s.ann, access.BillingManage, access.ScopeOwn)
	s.ledger = invoice.LedgerID{Group: p.group, Chart: p.patient(s.ann), Clinician: s.ann.member}
	s.other = invoice.LedgerID{Group: p.group, Chart: p.patient(s.ann), Clinician: s.ann.member}
	s.draft = p.draft(s.ledger)
	return s
}

// issue issues a draft of one of the two ledgers, if it can be.
func (s *numbering) issue(i id.Invoice) {
	for _, l := range []invoice.LedgerID{s.ledger, s.other} {
		_, _ = s.p.issue(s.beside, s.p.by(s.p.owner), l, i)
	}
}

func (s *numbering) discard() {
	_, _ = commands.DiscardDraft.Give(s.p.ctx(), s.beside, s.p.by(s.p.owner), s.ledger, invoice.DiscardDraft{Invoice: s.draft})
}

func (s *numbering) handOver() {
	_, err := commands.AssignClinician.Give(s.p.ctx(), s.beside, s.p.by(s.p.owner), s.ledger.Chart, chart.AssignClinician{Clinician: s.ben.member})
	require.NoError(s.p.t, err)
}

func (s *numbering) requireNoGap(where string) {
	s.p.t.Helper()
	s.p.finish(s.ann.member)
	for series, told := s.p.series(s.ann.member); invoice.Number(len(series.Held())) < series.Last; series, told = s.p.series(s.ann.member) {
		number, err := s.p.issue(s.beside, s.p.by(s.p.owner), s.other, s.p.draft(s.other))
		require.NoError(s.p.t, err)
		require.Equal(s.p.t, series.Next(), number, "%s: a number that was given back is the next one: %v", where, told)
	}
	series, told := s.p.series(s.ann.member)
	issued := s.p.issued(s.ledger, s.other)
	for n := range series.Last {
		require.Contains(s.p.t, issued, n+1, "%s: %v", where, told)
	}
	require.Len(s.p.t, issued, int(series.Last), "%s: %v", where, told)
}

// This is how a run of the server under load came to an invoice 12 without an 11: the
// right to the chart went between the two steps of issuing, and the number stayed kept.
func TestInvoice_WhoLosesTheChartWhileTheyIssueLeavesNoGap(t *testing.T) {
	s := newNumbering(t)
	s.p.store.meanwhile(s.series(), func() {
		s.p.store.beforeReading(chart.Stream(s.p.group, s.ledger.Chart), s.handOver)
	})
	_, err := s.p.issue(s.p.newEngine(), s.p.by(s.ann), s.ledger, s.draft)
	requireFault(t, err, "chart_not_found")
	s.requireNothingLater(t)
}

// Praxis' own process ends what got no answer. What was refused is over.
func TestInvoice_WhatIsRefusedIsNotIssuedLater(t *testing.T) {
	for name, c := range map[string]struct {
		refused string
		beside  func(s *numbering)
		call    func(s *numbering, at es.Revision) commands.Call
	}{
		"BIL-A22 because the ledger has changed since it was seen": {
			"stale_revision",
			func(s *numbering) {
				_, err := commands.RecordCharge.Give(s.p.ctx(), s.beside, s.p.by(s.p.owner), s.ledger, s.p.charge())
				require.NoError(s.p.t, err)
			},
			func(s *numbering, at es.Revision) commands.Call { return matching(s.p.by(s.ann), at) },
		},
		"BIL-A22 because the permission was taken away": {
			"permission_denied",
			func(s *numbering) {
				_, err := commands.DenyPermission.Give(s.p.ctx(), s.beside, s.p.by(s.p.owner), group.DenyPermission{Member: s.ann.member, Capability: access.BillingManage, Scope: access.ScopeGroup})
				require.NoError(s.p.t, err)
			},
			func(s *numbering, _ es.Revision) commands.Call { return s.p.by(s.ann) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newNumbering(t)
			call := c.call(s, es.Revision(len(s.p.log(s.ledger.Stream()))-1))
			s.p.store.meanwhile(s.series(), func() { c.beside(s) })
			_, err := s.p.issue(s.p.newEngine(), call, s.ledger, s.draft)
			requireFault(t, err, c.refused)
			s.requireNothingLater(t)
		})
	}
}

func (s *numbering) series() es.Stream {
	return invoice.SeriesID{Group: s.p.group, Clinician: s.ann.member}.Stream()
}

// requireNothingLater requires that the draft stays one, and that its number is the
// next invoice's.
func (s *numbering) requireNothingLater(t *testing.T) {
	t.Helper()
	s.p.Pass(time.Hour)
	before := len(s.p.log(s.ledger.Stream()))
	s.p.finish(s.ann.member)
	require.Len(t, s.p.log(s.ledger.Stream()), before)
	require.Empty(t, s.p.issued(s.ledger, s.other))
	next, err := s.p.issue(s.beside, s.p.by(s.p.owner), s.other, s.p.draft(s.other))
	require.NoError(t, err)
	require.Equal(t, invoice.Number(1), next)
	again, err := s.p.issue(s.p.newEngine(), s.p.by(s.p.owner), s.ledger, s.draft)
	require.NoError(t, err)
	require.Equal(t, invoice.Number(2), again, "who asks anew gets the number after it")
}

// A number that is kept for a draft can be given back by what asks for the draft, and
// not by what only asks what would happen.
func TestInvoice_ADryRunGivesNoNumberBack(t *testing.T) {
	broken := func(t *testing.T, killed int, act func(*commands.Engine, *numbering)) *numbering {
		s := newNumbering(t)
		config := s.p.config()
		config.Store = &fragile{watched: s.p.store, killed: killed}
		act(commands.NewEngine(config), s)
		return s
	}
	issuing := func(e *commands.Engine, s *numbering) { _, _ = s.p.issue(e, s.p.by(s.ann), s.ledger, s.draft) }
	t.Run("of an issue that would be refused", func(t *testing.T) {
		s := broken(t, 5, issuing) // the prefix and the number are appended, the issue is not
		series, _ := s.p.series(s.ann.member)
		require.Len(t, series.Held(), 1)
		s.p.unchanged(func() {
			_, err := s.p.issue(s.beside, dry(matching(s.p.by(s.p.owner), 1_000)), s.ledger, s.draft)
			requireFault(t, err, "stale_revision")
		})
	})
	t.Run("of a draft that was discarded when the number was not given back yet", func(t *testing.T) {
		s := broken(t, 5, issuing)
		config := s.p.config()
		config.Store = &fragile{watched: s.p.store, killed: 3} // after the draft is discarded
		_, _ = commands.DiscardDraft.Give(s.p.ctx(), commands.NewEngine(config), s.p.by(s.p.owner), s.ledger, invoice.DiscardDraft{Invoice: s.draft})
		series, told := s.p.series(s.ann.member)
		require.Len(t, series.Held(), 1, "%v", told)
		s.p.unchanged(func() {
			_, err := s.p.issue(s.beside, dry(s.p.by(s.p.owner)), s.ledger, s.draft)
			requireFault(t, err, "draft_discarded")
			_, err = commands.DiscardDraft.Give(s.p.ctx(), s.beside, dry(s.p.by(s.p.owner)), s.ledger, invoice.DiscardDraft{Invoice: s.draft})
			requireFault(t, err, "draft_discarded")
		})
		_, err := commands.DiscardDraft.Give(s.p.ctx(), s.beside, s.p.by(s.p.owner), s.ledger, invoice.DiscardDraft{Invoice: s.draft})
		requireFault(t, err, "draft_discarded")
		series, told = s.p.series(s.ann.member)
		require.Empty(t, series.Held(), "in earnest it is given back: %v", told)
	})
}

func TestFinishIssue_IsForTheProcess(t *testing.T) {
	s := newNumbering(t)
	s.p.unchanged(func() {
		requireFault(t, s.p.engine.FinishIssue(t.Context(), s.p.by(s.p.owner), s.ledger, s.draft), "process_only")
		call := commands.Call{Process: "invoice_numbers", Group: s.p.group, Command: id.Derive[id.Command]("early")}
		require.NoError(t, s.p.engine.FinishIssue(t.Context(), call, s.ledger, s.draft), "a draft without a number stays a draft")
	})
}

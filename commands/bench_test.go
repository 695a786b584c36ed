package commands_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/memstore"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/id"
)

// The append alone: what the store in memory takes of a command.
func BenchmarkBareAppend(b *testing.B) {
	store := memstore.New()
	stream := es.Stream("invoice-bare")
	event := es.Proposed{Type: "invoice.charge_recorded", Data: make([]byte, 300), Metadata: make([]byte, 500)}
	at := es.NoStream
	for b.Loop() {
		event.ID = id.New[id.Event]()
		done, err := store.Append(context.Background(), stream, es.At(at), []es.Proposed{event})
		if err != nil {
			b.Fatal(err)
		}
		at = done.Revision
	}
}

// A warm command: one read of the group's tail, a decision, one append.
func BenchmarkExecute_Warm(b *testing.B) {
	p := newPractice(b)
	l := p.ledger()
	b.ReportAllocs()
	for b.Loop() {
		_, err := commands.RecordCharge.Give(context.Background(), p.engine, p.by(p.owner), l, p.charge())
		if err != nil {
			b.Fatal(err)
		}
	}
}

// A cold command of a process just started: the group and a ledger of 100
// events are read and folded first.
func BenchmarkExecute_Cold(b *testing.B) {
	p := newPractice(b)
	l := p.ledger()
	for range 100 {
		_, err := commands.RecordCharge.Give(context.Background(), p.engine, p.by(p.owner), l, p.charge())
		require.NoError(b, err)
	}
	c := p.charge()
	b.ReportAllocs()
	for b.Loop() {
		_, err := commands.RecordCharge.Give(context.Background(), p.newEngine(), dry(p.by(p.owner)), l, c)
		if err != nil {
			b.Fatal(err)
		}
	}
}

// A rejected warm command also reads its target's tail.
func BenchmarkExecute_Rejected(b *testing.B) {
	p := newPractice(b)
	l := p.ledger()
	c := p.charge()
	_, err := commands.RecordCharge.Give(context.Background(), p.engine, p.by(p.owner), l, c)
	require.NoError(b, err)
	for b.Loop() {
		if _, err := commands.RecordCharge.Give(context.Background(), p.engine, p.by(p.owner), l, c); err == nil {
			b.Fatal("accepted twice")
		}
	}
}

// The gate of a query, and within it the decision alone.
func BenchmarkAdmit(b *testing.B) {
	p := newPractice(b)
	for b.Loop() {
		if _, err := p.engine.Admit(context.Background(), p.by(p.owner), question); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	p := newPractice(b)
	ann := p.join("ann", access.User, true)
	boss := p.join("manager", access.Manager, true, ann.member)
	manager, err := p.engine.Admit(context.Background(), p.by(boss), question)
	require.NoError(b, err)
	r := access.Resource{Group: p.group, Clinician: ann.member}
	b.ReportAllocs()
	for b.Loop() {
		if !access.Decide(manager.Subject, access.RosterView, r, founded).Allowed {
			b.Fatal("refused")
		}
	}
}

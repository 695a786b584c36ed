package nodetest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/id"
)

func at(n uint64) es.Position { return es.Position{Commit: n, Prepare: n} }

func recorded(e es.Proposed, stream es.Stream, revision es.Revision, position uint64) es.Recorded {
	return es.Recorded{ID: e.ID, Type: e.Type, Data: e.Data, Metadata: e.Metadata, Stream: stream, Revision: revision, Position: at(position)}
}

// Each case is a lie a node could tell after it has acknowledged two events of
// chart-1, at revisions 0 and 1 and positions 1 and 2.
func TestTheLedgerFindsLies(t *testing.T) {
	for name, lie := range map[string]struct {
		tell func(*Ledger, []es.Proposed) error
		text string
	}{
		"an event moves to another revision": {func(l *Ledger, e []es.Proposed) error {
			return l.Witness(recorded(e[0], "chart-1", 2, 1))
		}, "but it was at"},
		"an event moves to another position": {func(l *Ledger, e []es.Proposed) error {
			return l.Witness(recorded(e[0], "chart-1", 0, 3))
		}, "but it was at"},
		"an event is in two streams": {func(l *Ledger, e []es.Proposed) error {
			return l.Witness(recorded(e[0], "chart-2", 0, 1))
		}, "but it was at"},
		"a revision is given twice": {func(l *Ledger, _ []es.Proposed) error {
			return l.Acknowledge("chart-1", Propose(1), es.Appended{Revision: 1, Position: at(3)})
		}, "was there"},
		"a position is given twice": {func(l *Ledger, _ []es.Proposed) error {
			return l.Acknowledge("chart-2", Propose(1), es.Appended{Revision: 0, Position: at(2)})
		}, "was there"},
		"an append is acknowledged and refused": {func(l *Ledger, e []es.Proposed) error {
			return l.Refuse(e[:1])
		}, "is refused, but"},
		"an append is refused and stored": {func(l *Ledger, _ []es.Proposed) error {
			refused := Propose(1)
			require.NoError(t, l.Refuse(refused))
			return l.Witness(recorded(refused[0], "chart-1", 2, 3))
		}, "its append was refused"},
		"an event holds something else": {func(l *Ledger, e []es.Proposed) error {
			changed := recorded(e[0], "chart-1", 0, 1)
			changed.Data = []byte(`{}`)
			return l.Witness(changed)
		}, "does not hold what was written"},
	} {
		t.Run(name, func(t *testing.T) {
			ledger, events := NewLedger(), Propose(2)
			require.NoError(t, ledger.Acknowledge("chart-1", events, es.Appended{Revision: 1, Position: at(2)}))
			require.NoError(t, ledger.Witness(recorded(events[1], "chart-1", 1, 2)))
			require.ErrorContains(t, lie.tell(ledger, events), lie.text)
		})
	}
}

// lying is a store whose reads are what the test says.
type lying struct {
	Store
	stream, all []es.Recorded
	feed        []es.Signal
}

func (s lying) ReadStream(_ context.Context, _ es.Stream, from es.Revision) es.Events {
	return yield(s.stream[from:])
}

func (s lying) ReadAll(context.Context, []es.Category, es.Position) es.Events { return yield(s.all) }

func (s lying) Subscribe(context.Context, []es.Category, es.Position) es.Feed {
	return func(yield func(es.Signal, error) bool) {
		for _, signal := range s.feed {
			if !yield(signal, nil) {
				return
			}
		}
	}
}

func yield(events []es.Recorded) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestTheAuditFindsLies(t *testing.T) {
	events := Propose(3)
	a, b, c := recorded(events[0], "chart-1", 0, 1), recorded(events[1], "chart-1", 1, 2), recorded(events[2], "chart-1", 2, 3)
	truth := []es.Recorded{a, b, c}
	for name, lie := range map[string]struct {
		store lying
		text  string
	}{
		"the last event of a stream is lost":   {lying{stream: truth[:2], all: truth}, "ends at revision 1, but revision 2 was acknowledged"},
		"an event of a stream is left out":     {lying{stream: []es.Recorded{a, c}, all: truth}, "revision 2 of chart-1 came instead of revision 1"},
		"the last of all events is lost":       {lying{stream: truth, all: truth[:2]}, "all events are 2, but the streams hold 3"},
		"one of all events is left out":        {lying{stream: truth, all: []es.Recorded{a, c}}, "positions are not consecutive"},
		"one of all events comes twice":        {lying{stream: truth, all: []es.Recorded{a, b, b, c}}, "positions are not consecutive"},
		"all events are not in streams' order": {lying{stream: truth, all: []es.Recorded{a, recorded(events[2], "chart-1", 2, 2)}}, "revision 2 of chart-1 came after revision 0"},
	} {
		t.Run(name, func(t *testing.T) {
			ledger := NewLedger()
			require.NoError(t, ledger.Acknowledge("chart-1", events, es.Appended{Revision: 2, Position: at(3)}))
			require.ErrorContains(t, Audit(t.Context(), lie.store, ledger, Categories), lie.text)
		})
	}
	ledger := NewLedger()
	require.NoError(t, ledger.Acknowledge("chart-1", events, es.Appended{Revision: 2, Position: at(3)}))
	require.NoError(t, Audit(t.Context(), lying{stream: truth, all: truth}, ledger, Categories))
	require.NoError(t, ledger.Witness(es.Recorded{
		ID: id.Event{1}, Type: EventType, Stream: "chart-9", Position: at(9),
		Data: data(id.Event{1}), Metadata: metadata(id.Event{1}),
	}))
	require.ErrorContains(t, Audit(t.Context(), lying{stream: truth, all: truth}, ledger, Categories), "3 events were acknowledged, but 4 were seen")
}

func TestAFollowerFindsLies(t *testing.T) {
	events := Propose(2)
	first, second := recorded(events[0], "chart-1", 0, 1), recorded(events[1], "chart-1", 1, 2)
	foreign := recorded(events[0], "invoice-1", 0, 1)
	moved := recorded(events[1], "chart-1", 1, 1)
	beyond, behind := at(5), at(1)
	for name, lie := range map[string]struct {
		feed []es.Signal
		text string
	}{
		"an event is left out":                 {[]es.Signal{{Event: &second}}, "revision 1 of chart-1 came after revision -1"},
		"an event comes twice":                 {[]es.Signal{{Event: &first}, {Event: &first}}, "revision 0 of chart-1 came after revision 0"},
		"an event does not pass the filter":    {[]es.Signal{{Event: &foreign}}, "came through the filter"},
		"a position comes twice":               {[]es.Signal{{Event: &first}, {Event: &moved}}, "position 1.1 came after position 1.1"},
		"a checkpoint skips an event":          {[]es.Signal{{Event: &first}, {Checkpoint: &beyond}, {Event: &second}}, "position 2.2 came after position 5.5"},
		"a checkpoint lies before what it saw": {[]es.Signal{{Event: &first}, {Event: &second}, {Checkpoint: &behind}}, "a checkpoint at 1.1 came behind position 2.2"},
	} {
		t.Run(name, func(t *testing.T) {
			follower := NewFollower(lying{feed: lie.feed}, NewLedger(), []es.Category{"chart"})
			require.ErrorContains(t, follower.Run(t.Context()), lie.text)
		})
	}
}

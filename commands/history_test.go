package commands_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// renamed lets the practice's branch get n names, one a second from the founding on.
func (p *practice) renamed(n int) (last es.Revision) {
	p.t.Helper()
	stream := group.Stream(p.group)
	log := p.log(stream)
	meta, at := log[len(log)-1].Meta, log[len(log)-1].Revision
	for i := 0; i < n; {
		var batch []es.Proposed
		for ; i < n && len(batch) < es.MaxAppendSize; i++ {
			meta.Command, meta.RecordedAt = id.New[id.Command](), founded.Add(time.Duration(i+1)*time.Second)
			event := group.BranchRenamed{Branch: p.branch, To: "Branch " + strconv.Itoa(i)}
			typ, data, metadata, err := p.registry.Encode(event, es.Subject{}, meta)
			require.NoError(p.t, err)
			batch = append(batch, es.Proposed{ID: id.New[id.Event](), Type: typ, Data: data, Metadata: metadata})
		}
		done, err := p.store.Append(p.ctx(), stream, es.At(at), batch)
		require.NoError(p.t, err)
		at = done.Revision
	}
	return at
}

// A long history is decoded in portions beside one another: it is folded whole and in
// order all the same, and ends where it must.
func TestALongHistoryIsFoldedInOrder(t *testing.T) {
	// Portions that are full, one event more, less than one, and more than are decoded at once.
	for _, n := range []int{1, 255, 256, 1_000, 2_048, 3_001} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			p := newPractice(t)
			last := p.renamed(n)
			receipt, err := commands.RenameBranch.Give(p.ctx(), p.newEngine(), p.by(p.owner), group.RenameBranch{Branch: p.branch, Name: "Branch " + strconv.Itoa(n-1)})
			require.NoError(t, err)
			require.Equal(t, last, receipt.Revision)
			require.Empty(t, receipt.Events, "the last name is the present one")
		})
	}
	t.Run("an event that cannot be read ends it", func(t *testing.T) {
		p := newPractice(t)
		last := p.renamed(1_500)
		_, err := p.store.Append(p.ctx(), group.Stream(p.group), es.At(last), []es.Proposed{{ID: id.New[id.Event](), Type: "group.of_tomorrow", Data: []byte(`{}`), Metadata: []byte(`{"schemaVersion":"1"}`)}})
		require.NoError(t, err)
		for range 2 {
			_, err := commands.RenameBranch.Give(p.ctx(), p.engine, p.by(p.owner), group.RenameBranch{Branch: p.branch, Name: "North"})
			requireFault(t, err, "event_unreadable")
		}
	})
	t.Run("the past is a part of it", func(t *testing.T) {
		p := newPractice(t)
		first := es.Revision(len(p.log(group.Stream(p.group))) - 1)
		p.renamed(1_500)
		p.Set(founded.Add(2_000 * time.Second))
		for _, seconds := range []int{0, 1, 255, 256, 257, 1_499, 1_500} {
			question := commands.AccessQuestion{Member: p.owner.member, Capability: access.RosterView}
			answer, err := p.engine.AccessAsOf(p.ctx(), p.by(p.owner), question, founded.Add(time.Duration(seconds)*time.Second))
			require.NoError(t, err)
			require.Equal(t, first+es.Revision(seconds), answer.Group)
		}
	})
}

package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// outsiders are the refusals of strangers on record.
func (p *practice) outsiders() (facts []accesslog.OutsiderRefused) {
	p.t.Helper()
	for _, env := range p.log(accesslog.OutsidersStream(p.Now())) {
		facts = append(facts, env.Event.(accesslog.OutsiderRefused))
	}
	return facts
}

// practiceUnchanged requires that f appends to no stream of any practice.
func (p *practice) practiceUnchanged(f func()) {
	p.t.Helper()
	appends := func() uint64 { return p.length() - uint64(len(p.outsiders())) }
	before := appends()
	f()
	require.Equal(p.t, before, appends())
}

// A stranger finds out nothing about which practices there are: the same answer, for
// the same work of the store, and no line in a practice's own log.
func TestFoundP3_AStrangerCannotTellWhetherAPracticeExists(t *testing.T) {
	p := newPractice(t)
	stranger := someone("stranger")
	nowhere := id.Derive[id.Group]("nowhere")
	at := func(g id.Group) commands.Call { call := p.by(stranger); call.Group = g; return call }
	asks := map[string]func(commands.Call) error{
		"a query": func(call commands.Call) error {
			_, err := p.engine.Admit(t.Context(), call, question)
			return err
		},
		"a command on the practice": func(call commands.Call) error {
			_, err := commands.CreateBranch.Give(t.Context(), p.engine, call, group.CreateBranch{Branch: id.Derive[id.Branch]("b"), Name: "B"})
			return err
		},
		"a command on a chart": func(call commands.Call) error {
			_, err := commands.ArchiveChart.Give(t.Context(), p.engine, call, id.Derive[id.Chart]("c"), chart.Archive{Reason: "moved"})
			return err
		},
		"a dry run": func(call commands.Call) error {
			_, err := commands.ArchiveChart.Give(t.Context(), p.engine, dry(call), id.Derive[id.Chart]("c"), chart.Archive{Reason: "moved"})
			return err
		},
	}
	for name, ask := range asks {
		t.Run(name, func(t *testing.T) {
			work := func(g id.Group) (reads int, appends uint64, answer error) {
				p.Pass(2 * time.Minute) // The sample of the account is due again.
				before := p.length()
				reads = p.store.readsOf(group.Stream(g), func() { answer = ask(at(g)) })
				return reads, p.length() - before, answer
			}
			p.practiceUnchanged(func() {
				reads, appends, there := work(p.group)
				otherReads, otherAppends, gone := work(nowhere)
				requireFault(t, there, "group_not_found")
				require.Equal(t, fault.From(gone), fault.From(there))
				require.Equal(t, otherReads, reads)
				require.Equal(t, otherAppends, appends)
			})
		})
	}
	t.Run("its refusals are sampled: one a minute is recorded, with how many came since", func(t *testing.T) {
		p := newPractice(t)
		probe := func(n int) {
			for range n {
				_, err := p.engine.Admit(t.Context(), p.by(stranger), question)
				requireFault(t, err, "group_not_found")
			}
		}
		probe(50)
		p.Pass(59 * time.Second)
		probe(1)
		require.Equal(t, []accesslog.OutsiderRefused{{Action: "roster.list", Group: p.group}}, p.outsiders())
		p.Pass(time.Second)
		probe(1)
		require.Equal(t, accesslog.OutsiderRefused{Action: "roster.list", Group: p.group, Unrecorded: 50}, p.outsiders()[1])
		last := p.log(accesslog.OutsidersStream(p.Now()))[1]
		require.Equal(t, "stranger:"+stranger.account.String(), last.Meta.Actor)
		require.True(t, last.Meta.Group.IsZero(), "it belongs to no practice")
	})
	t.Run("of a former member the practice itself has the record", func(t *testing.T) {
		p := newPractice(t)
		ann := p.join("ann", access.User, false)
		p.remove(p.engine, ann)
		p.unchangedButRefusal(func() {
			_, err := p.engine.Admit(t.Context(), p.by(ann), question)
			requireFault(t, err, "permission_denied")
		})
	})
}

// The id of an invitation tells nothing about the practice either.
func TestFoundP4_AnUnknownInvitationIsAnsweredAlikeEverywhere(t *testing.T) {
	p := newPractice(t)
	stranger := someone("stranger")
	elsewhere := p.by(stranger)
	elsewhere.Group = id.Derive[id.Group]("nowhere")
	unknown := id.Derive[id.Invitation]("unknown")
	for name, ask := range map[string]func(commands.Call) (commands.Receipt, error){
		"accept": func(call commands.Call) (commands.Receipt, error) {
			return commands.AcceptInvitation.Give(t.Context(), p.engine, call, unknown)
		},
		"decline": func(call commands.Call) (commands.Receipt, error) {
			return commands.DeclineInvitation.Give(t.Context(), p.engine, call, unknown)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p.practiceUnchanged(func() {
				_, here := ask(p.by(stranger))
				_, there := ask(elsewhere)
				requireFault(t, here, "invitation_not_found")
				require.Equal(t, fault.From(here), fault.From(there))
			})
		})
	}
}

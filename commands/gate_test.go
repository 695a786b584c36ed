package commands_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

var question = commands.Question{Action: "roster.list", Capability: access.RosterView, Target: "roster"}

// refusals returns what today's access log holds.
func (p *practice) refusals() []es.Envelope {
	p.t.Helper()
	return p.log(accesslog.Stream(p.group, p.Now()))
}

func TestRevocation_HoldsInTheVeryNextRequest(t *testing.T) {
	p := newPractice(t)
	ann := p.join("ann", access.User, true)
	c := p.patient(ann)
	other := p.newEngine()
	update := chart.UpdateDemographics{Patient: chart.Demographics{FamilyName: "Roe"}}

	_, err := p.engine.Admit(t.Context(), p.by(ann), question)
	require.NoError(t, err)
	p.remove(other, ann)

	t.Run("of a query", func(t *testing.T) {
		_, err := p.engine.Admit(t.Context(), p.by(ann), question)
		requireFault(t, err, "permission_denied")
	})
	t.Run("of a command", func(t *testing.T) {
		_, err := commands.UpdateDemographics.Give(t.Context(), p.engine, p.by(ann), c, update)
		requireFault(t, err, "permission_denied")
		require.Len(t, p.log(chart.Stream(p.group, c)), 1)
	})
	t.Run("of a dry run", func(t *testing.T) {
		_, err := commands.UpdateDemographics.Give(t.Context(), p.engine, dry(p.by(ann)), c, update)
		requireFault(t, err, "permission_denied")
	})
	t.Run("and both are on record as the acts of somebody whose access ended", func(t *testing.T) {
		for _, env := range p.refusals() {
			require.Equal(t, access.RuleInactive, env.Event.(accesslog.AccessRefused).Rule)
			require.Equal(t, "member:"+ann.member.String(), env.Meta.Actor)
		}
	})
}

func TestRevocation_CostsOneReadOfTheGroup(t *testing.T) {
	p := newPractice(t)
	c := p.patient(p.owner)
	stream := group.Stream(p.group)
	for name, f := range map[string]func(*testing.T){
		"a command on a chart": func(t *testing.T) {
			_, err := commands.AssignBranch.Give(t.Context(), p.engine, dry(p.by(p.owner)), c, chart.AssignBranch{Branch: p.branch})
			requireFault(t, err, "already_in_branch")
		},
		"a command on the group": func(t *testing.T) {
			_, err := commands.UpdatePracticeInfo.Give(t.Context(), p.engine, p.by(p.owner), group.UpdatePracticeInfo{City: text(p.next())})
			require.NoError(t, err)
		},
		"a rejected command on the group": func(t *testing.T) {
			_, err := commands.CreateBranch.Give(t.Context(), p.engine, p.by(p.owner), group.CreateBranch{Branch: p.branch, Name: "Main"})
			requireFault(t, err, "branch_exists")
		},
		"a command of a process just started": func(t *testing.T) {
			_, err := commands.UpdatePracticeInfo.Give(t.Context(), p.newEngine(), p.by(p.owner), group.UpdatePracticeInfo{City: text(p.next())})
			require.NoError(t, err)
		},
		"a query": func(t *testing.T) {
			_, err := p.engine.Admit(t.Context(), p.by(p.owner), question)
			require.NoError(t, err)
		},
		"a refused query": func(t *testing.T) {
			_, err := p.engine.Admit(t.Context(), p.by(someone("stranger")), question)
			requireFault(t, err, "group_not_found")
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, 1, p.store.readsOf(stream, func() { f(t) }))
		})
	}
}

func TestWarmCommand_ReadsNothingOfItsTarget(t *testing.T) {
	p := newPractice(t)
	l := p.ledger()
	_, err := commands.RecordCharge.Give(t.Context(), p.engine, p.by(p.owner), l, p.charge())
	require.NoError(t, err)
	require.Zero(t, p.store.readsOf(l.Stream(), func() {
		_, err := commands.RecordCharge.Give(t.Context(), p.engine, p.by(p.owner), l, p.charge())
		require.NoError(t, err)
	}))
}

func TestRefusal_IsOnRecord(t *testing.T) {
	p := newPractice(t)
	helper := p.join("helper", access.Assistant, false, p.owner.member)
	c := p.patient(p.owner)

	t.Run("of a command", func(t *testing.T) {
		call := p.by(helper)
		call.Request = "request-1"
		_, err := commands.ArchiveChart.Give(t.Context(), p.engine, call, c, chart.Archive{Reason: "moved"})
		requireFault(t, err, "permission_denied")
		log := p.refusals()
		last := log[len(log)-1]
		require.Equal(t, accesslog.AccessRefused{
			Action: "chart.archive", Capability: access.ChartArchive, Rule: access.RuleGuardrail,
			Target: string(chart.Stream(p.group, c)),
		}, last.Event)
		require.Equal(t, "member:"+helper.member.String(), last.Meta.Actor)
		require.Equal(t, "assistant", last.Meta.ActorRole)
		require.Equal(t, "request-1", last.Meta.Request)
		require.Equal(t, p.Now(), last.Meta.OccurredAt)
		require.Equal(t, p.Now(), last.RecordedAt)
	})
	t.Run("of a query", func(t *testing.T) {
		_, err := p.engine.Admit(t.Context(), p.by(helper), question)
		requireFault(t, err, "permission_denied")
		log := p.refusals()
		require.Equal(t, accesslog.AccessRefused{
			Action: "roster.list", Capability: access.RosterView, Rule: access.RuleDefaultDeny, Target: "roster",
		}, log[len(log)-1].Event)
	})
	t.Run("of a stranger, who learns nothing", func(t *testing.T) {
		stranger := someone("stranger")
		before := len(p.refusals())
		_, unknown := p.engine.Admit(t.Context(), commands.Call{Account: stranger.account, Group: id.Derive[id.Group]("none"), Command: id.Derive[id.Command]("x")}, question)
		_, query := p.engine.Admit(t.Context(), p.by(stranger), question)
		_, command := commands.ArchiveChart.Give(t.Context(), p.engine, p.by(stranger), c, chart.Archive{Reason: "moved"})
		_, opened := commands.CreateChart.Give(t.Context(), p.engine, p.by(stranger), chart.CreateChart{Chart: id.Derive[id.Chart]("x")})
		for _, err := range []error{query, command, opened} {
			require.Equal(t, unknown.Error(), err.Error())
		}
		require.Len(t, p.refusals(), before)
	})
	t.Run("of somebody who hung up", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		before := len(p.refusals())
		p.store.meanwhile(accesslog.Stream(p.group, p.Now()), cancel)
		_, err := p.engine.Admit(ctx, p.by(helper), question)
		requireFault(t, err, "permission_denied")
		require.Len(t, p.refusals(), before+1)
	})
	t.Run("stands also when it cannot be recorded", func(t *testing.T) {
		p.store.FailAppend(func(es.Stream, []es.Proposed) error { return es.ErrStoreUnavailable })
		defer p.store.Mend()
		before := len(p.refusals())
		_, err := p.engine.Admit(t.Context(), p.by(helper), question)
		requireFault(t, err, "permission_denied")
		require.Len(t, p.refusals(), before)
		require.Contains(t, p.errors.String(), "a refusal could not be recorded")
	})
}

func TestRecordExport(t *testing.T) {
	p := newPractice(t)
	a, err := p.engine.Admit(t.Context(), p.by(p.owner), question)
	require.NoError(t, err)
	export := accesslog.DataExported{What: "roster", Rows: 3, SHA256: "00", AsOf: "1.1"}

	t.Run("names who took the data", func(t *testing.T) {
		require.NoError(t, p.engine.RecordExport(t.Context(), p.by(p.owner), a, export))
		log := p.refusals()
		want := export
		want.ExportedBy = p.owner.member
		require.Equal(t, want, log[len(log)-1].Event)
	})
	t.Run("fails if it cannot be recorded, so that nothing leaves", func(t *testing.T) {
		p.store.FailAppend(func(es.Stream, []es.Proposed) error { return es.ErrStoreUnavailable })
		defer p.store.Mend()
		require.ErrorIs(t, p.engine.RecordExport(t.Context(), p.by(p.owner), a, export), es.ErrStoreUnavailable)
	})
}

func TestGate_ReachOfEachRole(t *testing.T) {
	p := newPractice(t)
	ann := p.join("ann", access.User, true)
	super := p.join("super", access.SuperAdmin, false)
	manager := p.join("manager", access.Manager, true, ann.member)
	assistant := p.join("assistant", access.Assistant, false, ann.member)

	own := func(m id.Member, managed ...id.Member) access.Area {
		return access.Area{Clinicians: append(managed, m), TeamOf: m, About: append(managed, m)}
	}
	all := access.Area{All: true}
	for name, c := range map[string]struct {
		who  person
		want access.Area
	}{
		"the owner sees everything":        {p.owner, all},
		"a super admin sees everything":    {super, all},
		"a manager sees whom they manage":  {manager, own(manager.member, ann.member)},
		"a user sees what is their own":    {ann, own(ann.member)},
		"an assistant sees nothing unless": {assistant, access.Area{}},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := p.engine.Admit(t.Context(), p.by(c.who), question)
			if c.want.Empty() {
				requireFault(t, err, "permission_denied")
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.who.member, a.Subject.Member)
			require.Equal(t, access.Reach{Group: p.group, Parts: []access.Part{{Within: c.want}}, At: p.Now()}, a.Reach)
		})
	}
	t.Run("and an assistant who was granted it sees whom they assist", func(t *testing.T) {
		_, err := commands.GrantPermission.Give(t.Context(), p.engine, p.by(p.owner), group.GrantPermission{
			Member: assistant.member, Capability: access.RosterView, Scope: access.ScopeAssists,
		})
		require.NoError(t, err)
		a, err := p.engine.Admit(t.Context(), p.by(assistant), question)
		require.NoError(t, err)
		require.Equal(t, []access.Part{{Within: access.Area{Clinicians: []id.Member{ann.member}}}}, a.Reach.Parts)
	})
	t.Run("AdmitTo asks for the very thing", func(t *testing.T) {
		mine := access.Resource{Group: p.group, Clinician: ann.member}
		_, err := p.engine.AdmitTo(t.Context(), p.by(ann), question, mine)
		require.NoError(t, err)
		_, err = p.engine.AdmitTo(t.Context(), p.by(ann), question, access.Resource{Group: p.group, Clinician: p.owner.member})
		requireFault(t, err, "permission_denied")
		mine.Group = id.Derive[id.Group]("other")
		_, err = p.engine.AdmitTo(t.Context(), p.by(ann), question, mine)
		requireFault(t, err, "permission_denied")
	})
}

func TestGate_PatientsAreRecognisedByTheirLinkedChart(t *testing.T) {
	p := newPractice(t)
	c, unlinked := p.patient(p.owner), p.patient(p.owner)
	pat := someone("patient")
	link := func(t *testing.T, c id.Chart, who person) {
		t.Helper()
		_, err := commands.LinkPatientAccount.Give(t.Context(), p.engine, p.by(p.owner), c, chart.LinkPatientAccount{Account: who.account})
		require.NoError(t, err)
	}
	link(t, c, pat)
	slots := commands.Question{Action: "slots.list", Capability: access.SlotsView, Target: "slots"}
	about := func(q commands.Question, c id.Chart) commands.Question { q.Chart = c; return q }

	t.Run("they reach that chart and nothing else", func(t *testing.T) {
		a, err := p.engine.Admit(t.Context(), p.by(pat), about(slots, c))
		require.NoError(t, err)
		require.Equal(t, access.KindPatient, a.Subject.Kind)
		require.Equal(t, access.Reach{Group: p.group, Parts: []access.Part{{Within: access.Area{Charts: []id.Chart{c}}}}}, a.Reach)
	})
	t.Run("another chart does not know them", func(t *testing.T) {
		_, err := p.engine.Admit(t.Context(), p.by(pat), about(slots, unlinked))
		requireFault(t, err, "group_not_found")
	})
	t.Run("naming no chart, they are strangers", func(t *testing.T) {
		_, err := p.engine.Admit(t.Context(), p.by(pat), slots)
		requireFault(t, err, "group_not_found")
	})
	t.Run("they see no roster", func(t *testing.T) {
		_, err := p.engine.Admit(t.Context(), p.by(pat), about(question, c))
		requireFault(t, err, "permission_denied")
	})
	t.Run("a member who left may still be a patient", func(t *testing.T) {
		ann := p.join("ann", access.User, true)
		link(t, c, ann)
		p.remove(p.engine, ann)
		a, err := p.engine.Admit(t.Context(), p.by(ann), about(slots, c))
		require.NoError(t, err)
		require.Equal(t, access.Subject{Kind: access.KindPatient, Account: ann.account, Group: p.group, Active: true, Links: []access.Link{
			{Chart: c, May: []access.Capability{access.AppointmentViewOwn, access.AppointmentBookOwn}},
		}}, a.Subject)
	})
	t.Run("unlinking through another process ends it at once", func(t *testing.T) {
		_, err := commands.UnlinkPatientAccount.Give(t.Context(), p.newEngine(), p.by(p.owner), c, chart.UnlinkPatientAccount{Account: pat.account})
		require.NoError(t, err)
		_, err = p.engine.Admit(t.Context(), p.by(pat), about(slots, c))
		requireFault(t, err, "group_not_found")
	})
}

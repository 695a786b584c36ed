package commands_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/membership"
)

// closing asks to close a practice with an export whose hash repeats a digit.
func closing(digit string) group.CloseGroup {
	return group.CloseGroup{ExportManifestHash: strings.Repeat(digit, 64)}
}

// export records an export of the practice's records.
func (p *practice) export(c group.CloseGroup, filter string) {
	p.t.Helper()
	a, err := p.engine.Admit(p.ctx(), p.by(p.owner), question)
	require.NoError(p.t, err)
	require.NoError(p.t, p.engine.RecordExport(p.ctx(), p.by(p.owner), a, accesslog.DataExported{
		What: "roster", Filter: filter, SHA256: c.ExportManifestHash, AsOf: "1.1",
	}))
}

func TestCloseGroup_NeedsAnExportInTheAccessLog(t *testing.T) {
	p := newPractice(t)
	try := func(c group.CloseGroup) error {
		_, err := commands.CloseGroup.Give(t.Context(), p.engine, dry(p.by(p.owner)), c)
		return err
	}
	requireFault(t, try(closing("1")), "records_export_required")
	p.export(closing("1"), "")
	p.export(closing("2"), "archived")
	p.export(closing("3"), "branch,search")
	require.NoError(t, try(closing("1")))
	require.NoError(t, try(closing("2")))
	requireFault(t, try(closing("3")), "records_export_required")
	requireFault(t, try(closing("4")), "records_export_required")
	t.Run("of the last seven days, to the instant", func(t *testing.T) {
		p.Pass(7 * 24 * time.Hour)
		require.NoError(t, try(closing("1")))
		p.Pass(time.Nanosecond)
		requireFault(t, try(closing("1")), "records_export_required")
	})
	t.Run("of this practice", func(t *testing.T) {
		other := newPractice(t)
		other.export(closing("5"), "")
		requireFault(t, try(closing("5")), "records_export_required")
	})
}

func TestCloseGroup_EndsEverythingButReading(t *testing.T) {
	p := newPractice(t)
	ann := p.join("ann", access.User, true)
	c := p.patient(ann)
	late := someone("late")
	invitation := p.invite(late, access.User, false)
	ledger := p.ledger()
	p.export(closing("e"), "")
	_, err := commands.CloseGroup.Give(t.Context(), p.engine, p.by(p.owner), closing("e"))
	requireFault(t, err, "active_members_remain")
	_, err = commands.AssignClinician.Give(t.Context(), p.engine, p.by(p.owner), c, chart.AssignClinician{Clinician: p.owner.member})
	require.NoError(t, err)
	p.remove(p.engine, ann)
	before := p.by(p.owner)
	_, err = commands.UpdatePracticeInfo.Give(t.Context(), p.engine, before, group.UpdatePracticeInfo{Name: new("Oak Street")})
	require.NoError(t, err)

	call := p.by(p.owner)
	_, err = commands.CloseGroup.Give(t.Context(), p.engine, call, closing("e"))
	require.NoError(t, err)

	t.Run("every command of the practice is refused, whatever it is about", func(t *testing.T) {
		for name, ask := range map[string]func() error{
			"its info": func() error {
				_, err := commands.UpdatePracticeInfo.Give(t.Context(), p.engine, p.by(p.owner), group.UpdatePracticeInfo{Name: new("Elm")})
				return err
			},
			"its people": func() error {
				_, err := commands.ReinstateMember.Give(t.Context(), p.engine, p.by(p.owner), group.ReinstateMember{Member: ann.member})
				return err
			},
			"its charts": func() error {
				_, err := commands.ArchiveChart.Give(t.Context(), p.engine, p.by(p.owner), c, chart.Archive{Reason: "over"})
				return err
			},
			"its patients' money": func() error {
				_, err := commands.RecordCharge.Give(t.Context(), p.engine, p.by(p.owner), ledger, p.charge())
				return err
			},
			"its subscription": func() error {
				_, err := commands.RollBillingPeriod.Give(t.Context(), p.engine, system(p.by(p.owner)), group.RollBillingPeriod{})
				return err
			},
			"its booking": func() error {
				_, err := commands.TurnOnlineBooking.Give(t.Context(), p.engine, p.by(p.owner), true)
				return err
			},
			"its end": func() error {
				_, err := commands.CloseGroup.Give(t.Context(), p.engine, p.by(p.owner), closing("e"))
				return err
			},
		} {
			t.Run(name, func(t *testing.T) { p.unchanged(func() { requireFault(t, ask(), "group_closed") }) })
		}
	})
	t.Run("a repeated command still finds its receipt", func(t *testing.T) {
		ended, err := commands.CloseGroup.Give(t.Context(), p.engine, call, closing("e"))
		require.NoError(t, err)
		renamed, err := commands.UpdatePracticeInfo.Give(t.Context(), p.engine, before, group.UpdatePracticeInfo{Name: new("Oak Street")})
		require.NoError(t, err)
		require.True(t, ended.Replayed && renamed.Replayed)
	})
	t.Run("its invitations are void, and to strangers there is no such practice", func(t *testing.T) {
		_, err := commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(late), invitation)
		requireFault(t, err, "invitation_not_found")
		_, err = commands.DeclineInvitation.Give(t.Context(), p.engine, p.by(late), invitation)
		requireFault(t, err, "invitation_not_found")
		unknown := p.by(late)
		unknown.Group = id.Derive[id.Group]("nowhere")
		_, err = commands.AcceptInvitation.Give(t.Context(), p.engine, unknown, invitation)
		requireFault(t, err, "invitation_not_found")
	})
	t.Run("the owner reads and exports it, and nobody else does", func(t *testing.T) {
		admission, err := p.engine.Admit(t.Context(), p.by(p.owner), question)
		require.NoError(t, err)
		require.False(t, admission.Reach.Empty())
		p.export(closing("f"), "")
		_, err = p.engine.Admit(t.Context(), p.by(ann), question)
		requireFault(t, err, "permission_denied")
	})
	t.Run("G-7 the owner's account is free for another practice", func(t *testing.T) {
		m, err := p.engine.MembershipOf(t.Context(), p.owner.account)
		require.NoError(t, err)
		require.Zero(t, m)
		again := p.founding()
		again.Group, again.Owner = id.Derive[id.Group]("another"), id.Derive[id.Member]("another owner")
		_, err = commands.CreateGroup.Give(t.Context(), p.engine, p.by(p.owner), again)
		require.NoError(t, err)
	})
}

// system makes a call one of Praxis' own.
func system(c commands.Call) commands.Call {
	c.Account, c.Email, c.Process = id.Account{}, "", "spec"
	return c
}

func TestCloseGroup_RacesAnInvitation(t *testing.T) {
	t.Run("who accepts first keeps the practice open", func(t *testing.T) {
		p := newPractice(t)
		late := someone("late")
		invitation := p.invite(late, access.User, false)
		p.export(closing("e"), "")
		p.store.meanwhile(group.Stream(p.group), func() {
			_, err := commands.AcceptInvitation.Give(t.Context(), p.newEngine(), p.by(late), invitation)
			require.NoError(t, err)
		})
		_, err := commands.CloseGroup.Give(t.Context(), p.engine, p.by(p.owner), closing("e"))
		requireFault(t, err, "active_members_remain")
	})
	t.Run("who closes first leaves nothing to accept, and the account is free again", func(t *testing.T) {
		p := newPractice(t)
		late := someone("late")
		invitation := p.invite(late, access.User, false)
		p.export(closing("e"), "")
		p.store.meanwhile(group.Stream(p.group), func() {
			_, err := commands.CloseGroup.Give(t.Context(), p.newEngine(), p.by(p.owner), closing("e"))
			require.NoError(t, err)
		})
		_, err := commands.AcceptInvitation.Give(t.Context(), p.engine, p.by(late), invitation)
		requireFault(t, err, "invitation_not_found")
		other := p.founding()
		other.Group, other.Owner = id.Derive[id.Group]("another"), id.Derive[id.Member]("late")
		_, err = commands.CreateGroup.Give(t.Context(), p.engine, p.by(late), other)
		require.NoError(t, err, "the claim that was made for the invitation does not hold")
	})
}

func TestCloseGroup_AccountIsFreedLaterIfItCannotBeNow(t *testing.T) {
	p := newPractice(t)
	p.export(closing("e"), "")
	claim := membership.Stream(p.owner.account)
	p.store.FailAppend(func(stream es.Stream, _ []es.Proposed) error {
		if stream == claim {
			return es.ErrStoreUnavailable
		}
		return nil
	})
	call := p.by(p.owner)
	_, err := commands.CloseGroup.Give(t.Context(), p.engine, call, closing("e"))
	require.NoError(t, err)
	require.Contains(t, p.errors.String(), "still claimed")
	p.store.Mend()
	m, err := p.engine.MembershipOf(t.Context(), p.owner.account)
	require.NoError(t, err)
	require.Zero(t, m, "a closed practice is nobody's membership")
	again := p.founding()
	again.Group, again.Owner = id.Derive[id.Group]("another"), id.Derive[id.Member]("another owner")
	_, err = commands.CreateGroup.Give(t.Context(), p.engine, p.by(p.owner), again)
	require.NoError(t, err)
}

func TestCloseGroup_WhatBecameOfMoneyIsNotRefusedForIt(t *testing.T) {
	p := newPractice(t)
	p.export(closing("e"), "")
	_, err := commands.CloseGroup.Give(t.Context(), p.engine, p.by(p.owner), closing("e"))
	require.NoError(t, err)
	for name, record := range map[string]func() error{
		"a collection": func() error {
			_, err := commands.RecordCollection.Give(t.Context(), p.engine, system(p.by(p.owner)), group.RecordCollection{})
			return err
		},
		"a refund": func() error {
			_, err := commands.RecordRefund.Give(t.Context(), p.engine, system(p.by(p.owner)), group.RecordRefund{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := record()
			require.Error(t, err, "there is none")
			require.NotEqual(t, "group_closed", fault.From(err).Code)
		})
	}
}

package chart_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/id"
)

// guarding is the practice of Ana, who treats, and Ben and Cho; Ana gives the command.
func guarding(members ...chart.Member) chart.Group {
	if len(members) == 0 {
		members = []chart.Member{clinician(ana, downtown), staff(ben), staff(cho)}
	}
	p := practice(members...)
	p.By, p.First = ana, eventID
	return p
}

var (
	excluded   = chart.MemberExcluded{Exclusion: eventID, Member: ben, ReasonCode: chart.ConflictOfInterest, Text: "A cousin", By: ana}
	restricted = chart.Restricted{Restriction: eventID, Sections: []access.Section{access.Billing}, Allow: []id.Member{ben}, Reason: "Dispute", By: ana}
)

func TestRestriction(t *testing.T) {
	restrict := chart.RestrictChart{Sections: []access.Section{access.Billing}, Allow: []id.Member{ben, ana, ben}, Reason: " Dispute "}
	try := func(change func(*chart.RestrictChart)) chart.RestrictChart {
		c := restrict
		change(&c)
		return c
	}
	t.Run("R-2 sections of a chart are left to the members named and the primary", func(t *testing.T) {
		given(t, created).When(in(guarding(), restrict), now).Then(restricted)
		given(t, created).When(in(guarding(), restrict), now).ThenState(func(t testing.TB, s chart.State) {
			require.Equal(t, &access.Guard{
				Chart: chartID, Primary: ana,
				Restriction: access.Restriction{Sections: restricted.Sections, Allow: restricted.Allow, Event: eventID, By: ana},
			}, s.Guard())
		})
	})
	t.Run("a restriction of who the patient is restricts the whole chart", func(t *testing.T) {
		whole := restricted
		whole.Sections = access.Sections()
		given(t, created).When(in(guarding(), try(func(c *chart.RestrictChart) { c.Sections = []access.Section{access.Demographics} })), now).Then(whole)
	})
	t.Run("the same again is no event; what has ended is set anew", func(t *testing.T) {
		given(t, created, restricted).When(in(guarding(), restrict), now).ThenNothing()
		over := restricted
		over.Until = now
		given(t, created, over).When(in(guarding(), restrict), now).Then(restricted)
	})
	t.Run("it is refused without sections, with unknown ones, without a reason, for strangers and in the past", func(t *testing.T) {
		for code, change := range map[string]func(*chart.RestrictChart){
			"sections_required": func(c *chart.RestrictChart) { c.Sections = nil },
			"unknown_section":   func(c *chart.RestrictChart) { c.Sections = []access.Section{"secrets"} },
			"reason_required":   func(c *chart.RestrictChart) { c.Reason = " " },
			"member_not_found":  func(c *chart.RestrictChart) { c.Allow = []id.Member{id.Derive[id.Member]("stranger")} },
			"until_in_past":     func(c *chart.RestrictChart) { c.Until = now },
		} {
			given(t, created).When(in(guarding(), try(change)), now).ThenRejected(code)
		}
		given(t).When(in(guarding(), restrict), now).ThenRejected("chart_not_found")
	})
	t.Run("somebody must be left who reads the chart", func(t *testing.T) {
		gone := guarding(former(clinician(ana, downtown)), staff(ben), former(staff(cho)))
		given(t, created).When(in(gone, try(func(c *chart.RestrictChart) { c.Allow = []id.Member{cho} })), now).ThenRejected("would_leave_no_reader")
		given(t, created, excluded).When(in(gone, restrict), now).ThenRejected("would_leave_no_reader")
		given(t, created).When(in(gone, restrict), now).Then(restricted)
	})
	t.Run("it is lifted, unless nothing is restricted", func(t *testing.T) {
		given(t, created, restricted).When(chart.LiftRestriction{}, now).Then(chart.RestrictionLifted{Restriction: eventID})
		given(t, created, restricted).When(chart.LiftRestriction{}, now).ThenState(func(t testing.TB, s chart.State) { require.Nil(t, s.Guard()) })
		given(t, created).When(chart.LiftRestriction{}, now).ThenRejected("not_restricted")
		given(t).When(chart.LiftRestriction{}, now).ThenRejected("chart_not_found")
	})
}

func TestExclusion(t *testing.T) {
	exclude := chart.ExcludeMember{Member: ben, ReasonCode: chart.ConflictOfInterest, Text: "A cousin"}
	try := func(change func(*chart.ExcludeMember)) chart.ExcludeMember {
		c := exclude
		change(&c)
		return c
	}
	t.Run("R-2 a member is excluded, and readmitted", func(t *testing.T) {
		given(t, created).When(in(guarding(), exclude), now).Then(excluded)
		given(t, created, excluded).When(chart.ReadmitMember{Member: ben}, now).Then(chart.MemberReadmitted{Exclusion: eventID, Member: ben})
		given(t, created, excluded).When(chart.ReadmitMember{Member: ben}, now).ThenState(func(t testing.TB, s chart.State) { require.Nil(t, s.Guard()) })
		given(t, created).When(chart.ReadmitMember{Member: ben}, now).ThenRejected("not_excluded")
		given(t).When(chart.ReadmitMember{Member: ben}, now).ThenRejected("chart_not_found")
	})
	t.Run("the same again is no event; for another time it is one", func(t *testing.T) {
		given(t, created, excluded).When(in(guarding(), exclude), now).ThenNothing()
		later := excluded
		later.Until = now.Add(time.Hour)
		given(t, created, excluded).When(in(guarding(), try(func(c *chart.ExcludeMember) { c.Until = later.Until })), now).Then(later)
	})
	t.Run("the primary cannot be excluded, and who becomes the primary is excluded no more", func(t *testing.T) {
		given(t, created).When(in(guarding(), try(func(c *chart.ExcludeMember) { c.Member = ana })), now).ThenRejected("primary_cannot_be_excluded")
		s := chart.Aggregate().Fold(created, excluded, chart.PrimaryProfessionalChanged{From: ana, To: ben, FormerBecomes: careteam.Support})
		require.Nil(t, s.Guard())
	})
	t.Run("it is refused for strangers, without a reason and in the past", func(t *testing.T) {
		for code, change := range map[string]func(*chart.ExcludeMember){
			"member_not_found":    func(c *chart.ExcludeMember) { c.Member = id.Derive[id.Member]("stranger") },
			"unknown_reason_code": func(c *chart.ExcludeMember) { c.ReasonCode = "" },
			"reason_required":     func(c *chart.ExcludeMember) { c.ReasonCode, c.Text = chart.OtherReason, "" },
			"until_in_past":       func(c *chart.ExcludeMember) { c.Until = now },
		} {
			given(t, created).When(in(guarding(), try(change)), now).ThenRejected(code)
		}
		given(t).When(in(guarding(), exclude), now).ThenRejected("chart_not_found")
	})
	t.Run("somebody must be left who reads the chart", func(t *testing.T) {
		gone := guarding(former(clinician(ana, downtown)), staff(ben))
		given(t, created).When(in(gone, exclude), now).ThenRejected("would_leave_no_reader")
		given(t, created, restricted).When(in(guarding(former(clinician(ana, downtown)), staff(ben), staff(cho)), exclude), now).ThenRejected("would_leave_no_reader")
	})
	t.Run("the chart's resource carries what is set on it", func(t *testing.T) {
		owner := access.Subject{Kind: access.KindMember, Group: group, Member: ben, Role: access.Owner, Active: true}
		s := chart.Aggregate().Fold(created, excluded)
		require.Equal(t, access.Decision{Rule: access.RuleChartExclusion, Event: eventID, Grantor: ana}, access.Decide(owner, access.RosterView, s.Resource(group), now))
	})
}

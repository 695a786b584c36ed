package chart_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

// opener is a clinician of the practice who owns it or not, and has no other permission.
func opener(m id.Member) chart.Opener {
	return chart.Opener{
		Actor: access.Subject{Kind: access.KindMember, Group: group, Member: m, Role: access.User, Clinician: true, Active: true},
		Owner: cho, First: eventID,
	}
}

var (
	broken = chart.BreakGlassOpened{
		Glass: eventID, Member: ben, ReasonCode: chart.RiskOfHarm, Text: "She calls from a bridge", ExpiresAt: now.Add(time.Hour), Tell: []id.Member{ana, cho},
	}
	mended   = chart.BreakGlassClosed{Glass: eventID, Member: ben, By: ben}
	reviewed = chart.BreakGlassReviewed{Glass: eventID, Member: ben, By: cho, Verdict: chart.Justified}
)

func TestOpenBreakGlass(t *testing.T) {
	open := chart.OpenBreakGlass{ReasonCode: chart.RiskOfHarm, Text: " She calls from a bridge "}
	try := func(change func(*chart.OpenBreakGlass)) chart.OpenBreakGlass {
		c := open
		change(&c)
		return c
	}
	by := func(m id.Member, c chart.OpenBreakGlass) estest.With[chart.OpenBreakGlass, chart.Opener, chart.State, chart.Event] {
		return estest.Knowing(c, opener(m))
	}
	t.Run("§2.2 a member reads the chart for an hour, or up to an instant within four; primary and owner are told", func(t *testing.T) {
		given(t, created).When(by(ben, open), now).Then(broken)
		longest := broken
		longest.ExpiresAt = now.Add(4 * time.Hour)
		given(t, created).When(by(ben, try(func(c *chart.OpenBreakGlass) { c.Until = longest.ExpiresAt })), now).Then(longest)
		given(t, created).When(by(ben, open), now).ThenState(func(t testing.TB, s chart.State) {
			require.Equal(t, &access.Guard{Chart: chartID, Primary: ana, Glass: []access.BrokenGlass{{Member: ben, Until: broken.ExpiresAt, Event: eventID}}}, s.Guard())
			d := access.Decide(opener(ben).Actor, access.ChartClinicalView, s.Resource(group), now)
			require.Equal(t, access.Decision{Allowed: true, Rule: access.RuleBreakGlass, Event: eventID, Grantor: ben}, d)
			require.False(t, access.Decide(opener(ben).Actor, access.ChartClinicalView, s.Resource(group), broken.ExpiresAt).Allowed, "it closes by itself")
		})
	})
	t.Run("an owner who is excluded from the chart is not told of it", func(t *testing.T) {
		kept := excluded
		kept.Member = cho
		quiet := broken
		quiet.Tell = []id.Member{ana}
		given(t, created, kept).When(by(ben, open), now).Then(quiet)
	})
	t.Run("a primary who owns the practice is told once", func(t *testing.T) {
		o := opener(ben)
		o.Owner = ana
		once := broken
		once.Tell = []id.Member{ana}
		given(t, created).When(estest.Knowing(open, o), now).Then(once)
	})
	t.Run("§2.2 reason_required: it takes a code and words", func(t *testing.T) {
		for code, change := range map[string]func(*chart.OpenBreakGlass){
			"unknown_reason_code":       func(c *chart.OpenBreakGlass) { c.ReasonCode = "" },
			"reason_required":           func(c *chart.OpenBreakGlass) { c.Text = " " },
			"until_in_past":             func(c *chart.OpenBreakGlass) { c.Until = now },
			"break_glass_too_long":      func(c *chart.OpenBreakGlass) { c.Until = now.Add(4*time.Hour + time.Second) },
			"instant_not_whole_seconds": func(c *chart.OpenBreakGlass) { c.Until = now.Add(time.Second / 2) },
		} {
			given(t, created).When(by(ben, try(change)), now).ThenRejected(code)
		}
		given(t).When(by(ben, open), now).ThenRejected("chart_not_found")
	})
	t.Run("§2.2 not_eligible: who reads the chart already has nothing to break", func(t *testing.T) {
		given(t, created).When(by(ana, open), now).ThenRejected("not_eligible")
		restricted := restricted
		restricted.Sections, restricted.Allow = []access.Section{access.Clinical}, nil
		onTeam := chart.TeamMemberAdded{Member: ben, Role: "clinician"}
		given(t, created, onTeam).When(by(ben, open), now).ThenRejected("not_eligible")
		given(t, created, onTeam, restricted).When(by(ben, open), now).Then(broken)
	})
	t.Run("§2.2 unreviewed_break_glass: the next time waits for the review of those before on this chart", func(t *testing.T) {
		given(t, created, broken).When(by(ben, open), now).ThenRejected("break_glass_already_open")
		given(t, created, broken).When(by(ben, open), broken.ExpiresAt).ThenRejected("unreviewed_break_glass")
		given(t, created, broken, mended).When(by(ben, open), now).ThenRejected("unreviewed_break_glass")
		given(t, created, broken, mended, reviewed).When(by(ben, open), now).Then(broken)
		another := broken
		another.Member = cho
		given(t, created, another).When(by(ben, open), now).Then(broken)
	})
}

func TestCloseBreakGlass(t *testing.T) {
	closes := func(m id.Member) estest.With[chart.CloseBreakGlass, id.Member, chart.State, chart.Event] {
		return estest.Knowing(chart.CloseBreakGlass{}, m)
	}
	revokes := func(m id.Member, which id.Event) estest.With[chart.RevokeBreakGlass, id.Member, chart.State, chart.Event] {
		return estest.Knowing(chart.RevokeBreakGlass{Glass: which}, m)
	}
	t.Run("§2.2 the member closes it, or one who may review it", func(t *testing.T) {
		given(t, created, broken).When(closes(ben), now).Then(mended)
		given(t, created, broken).When(closes(ben), now).ThenState(func(t testing.TB, s chart.State) { require.Nil(t, s.Guard()) })
		revoked := mended
		revoked.By = cho
		given(t, created, broken).When(revokes(cho, eventID), now).Then(revoked)
	})
	t.Run("what is not open cannot be closed", func(t *testing.T) {
		given(t, created, broken).When(closes(cho), now).ThenRejected("break_glass_not_open")
		given(t, created, broken).When(closes(ben), broken.ExpiresAt).ThenRejected("break_glass_not_open")
		given(t, created, broken, mended).When(closes(ben), now).ThenRejected("break_glass_not_open")
		given(t, created, broken, mended).When(revokes(cho, eventID), now).ThenRejected("break_glass_not_open")
		given(t, created, broken).When(revokes(cho, id.Derive[id.Event]("another")), now).ThenRejected("break_glass_not_found")
		given(t).When(closes(ben), now).ThenRejected("chart_not_found")
		given(t).When(revokes(cho, eventID), now).ThenRejected("chart_not_found")
	})
}

func TestReviewBreakGlass(t *testing.T) {
	review := chart.ReviewBreakGlass{Glass: eventID, Verdict: chart.Justified}
	by := func(m id.Member, c chart.ReviewBreakGlass) estest.With[chart.ReviewBreakGlass, id.Member, chart.State, chart.Event] {
		return estest.Knowing(c, m)
	}
	t.Run("§2.2 another member reviews it once it is closed, or has expired", func(t *testing.T) {
		given(t, created, broken).When(by(cho, review), broken.ExpiresAt).Then(reviewed)
		given(t, created, broken, mended).When(by(cho, review), now).Then(reviewed)
		given(t, created, broken).When(by(cho, review), broken.ExpiresAt).ThenState(func(t testing.TB, s chart.State) { require.Nil(t, s.Guard()) })
		unjustified := reviewed
		unjustified.Verdict, unjustified.Text = chart.Unjustified, "Curiosity"
		given(t, created, broken, mended).When(by(cho, chart.ReviewBreakGlass{Glass: eventID, Verdict: chart.Unjustified, Text: "Curiosity"}), now).Then(unjustified)
	})
	t.Run("§2.2 self_review", func(t *testing.T) {
		given(t, created, broken, mended).When(by(ben, review), now).ThenRejected("self_review")
	})
	t.Run("it is refused while it is open, twice, without a verdict, and against it without a reason", func(t *testing.T) {
		given(t, created, broken).When(by(cho, review), now).ThenRejected("break_glass_open")
		given(t, created, broken, mended, reviewed).When(by(cho, review), now).ThenRejected("already_reviewed")
		given(t, created, broken, mended).When(by(cho, chart.ReviewBreakGlass{Glass: eventID}), now).ThenRejected("unknown_verdict")
		given(t, created, broken, mended).When(by(cho, chart.ReviewBreakGlass{Glass: eventID, Verdict: chart.Unjustified}), now).ThenRejected("reason_required")
		given(t, created, broken).When(by(cho, chart.ReviewBreakGlass{Glass: id.Derive[id.Event]("another"), Verdict: chart.Justified}), now).ThenRejected("break_glass_not_found")
		given(t).When(by(cho, review), now).ThenRejected("chart_not_found")
	})
}

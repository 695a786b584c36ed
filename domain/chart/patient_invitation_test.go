package chart_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/chart"
	"praxis/domain/id"
)

var (
	invitation = id.MustParse[id.Invitation]("00000000-0000-4000-8000-0000000000d1")
	invited    = chart.PatientInvited{
		Invitation: invitation, Address: "kid@example.org", Relation: chart.Guardian, May: whole, Until: now.AddDate(3, 0, 0),
		TokenHash: "hash", InvitedBy: ana, ExpiresAt: now.AddDate(0, 0, 14),
	}
	accept = accepting{chart.AcceptPatientInvitation{Invitation: invitation, TokenHash: "hash", Account: parent}, false}
	joined = chart.PatientAccountLinked{
		Account: parent, Relation: chart.Guardian, May: whole, Until: now.AddDate(3, 0, 0), Invitation: invitation, InvitedBy: ana,
	}
)

// inviting and accepting are decisions with their facts.
type inviting[C interface {
	Decide(chart.State, chart.Inviting, time.Time) ([]chart.Event, error)
}] struct {
	command C
	token   string
}

func (i inviting[C]) Decide(s chart.State, now time.Time) ([]chart.Event, error) {
	return i.command.Decide(s, chart.Inviting{By: ana, TokenHash: i.token}, now)
}

type accepting struct {
	chart.AcceptPatientInvitation
	ofGroup bool
}

func (a accepting) Decide(s chart.State, now time.Time) ([]chart.Event, error) {
	return a.AcceptPatientInvitation.Decide(s, a.ofGroup, now)
}

func TestInvitePatient(t *testing.T) {
	invite := func(change func(*chart.InvitePatient)) inviting[chart.InvitePatient] {
		c := chart.InvitePatient{Invitation: invitation, Address: "kid@example.org", Relation: chart.Guardian, Until: now.AddDate(3, 0, 0), ValidDays: 14}
		if change != nil {
			change(&c)
		}
		return inviting[chart.InvitePatient]{c, "hash"}
	}
	t.Run("it goes to an address, and says what accepting it gives", func(t *testing.T) {
		given(t, created).When(invite(nil), now).Then(invited)
	})
	t.Run("without an address it goes to the chart's contact address", func(t *testing.T) {
		toPatient := invited
		toPatient.Address, toPatient.Relation, toPatient.Until = "ada@example.org", chart.Self, time.Time{}
		given(t, created).When(invite(func(c *chart.InvitePatient) { c.Address, c.Relation, c.Until = "", chart.Self, time.Time{} }), now).Then(toPatient)
	})
	t.Run("both parents can be invited, an address has one open invitation", func(t *testing.T) {
		second := id.MustParse[id.Invitation]("00000000-0000-4000-8000-0000000000d2")
		other := invited
		other.Invitation, other.Address = second, "dad@example.org"
		again := func(address string) inviting[chart.InvitePatient] {
			return invite(func(c *chart.InvitePatient) { c.Invitation, c.Address = second, address })
		}
		given(t, created, invited).When(again("dad@example.org"), now).Then(other)
		given(t, created, invited).When(again("KID@example.org"), now).ThenRejected("already_invited")
		other.Address = "kid@example.org"
		given(t, created, invited, chart.PatientInvitationRevoked{Invitation: invitation}).When(again("kid@example.org"), now).Then(other)
	})
	t.Run("refusals", func(t *testing.T) {
		given(t).When(invite(nil), now).ThenRejected("chart_not_found")
		given(t, created, archived).When(invite(nil), now).ThenRejected("chart_archived")
		given(t, created, invited).When(invite(func(c *chart.InvitePatient) { c.Address = "x@example.org" }), now).ThenRejected("already_invited")
		given(t, created).When(invite(func(c *chart.InvitePatient) { c.Address = "nowhere" }), now).ThenRejected("malformed_email")
		given(t, created).When(invite(func(c *chart.InvitePatient) { c.ValidDays = 0 }), now).ThenRejected("expiry_in_past")
		given(t, created).When(invite(func(c *chart.InvitePatient) { c.Until = now }), now).ThenRejected("access_ends_in_past")
		given(t, created).When(invite(func(c *chart.InvitePatient) { c.Relation = "" }), now).ThenRejected("unknown_relation")
		given(t, created).When(invite(func(c *chart.InvitePatient) { c.Relation, c.May = chart.Partner, reporting }), now).ThenRejected("limit_not_for_relation")
		nameless := created
		nameless.Email = ""
		given(t, nameless).When(invite(func(c *chart.InvitePatient) { c.Address = "" }), now).ThenRejected("email_required")
	})
}

func TestAcceptPatientInvitation(t *testing.T) {
	t.Run("who has the token is linked as the invitation says", func(t *testing.T) {
		given(t, created, invited).When(accept, now).Then(joined)
		link, ok := linkOf(t, now, created, invited, joined)
		require.True(t, ok)
		require.Equal(t, whole, link.May)
	})
	t.Run("a token is good once", func(t *testing.T) {
		second := accept
		second.Account = id.MustParse[id.Account]("00000000-0000-4000-8000-0000000000e2")
		given(t, created, invited, joined).When(second, now).ThenRejected("invitation_used")
	})
	t.Run("it expires, and is not good after its end", func(t *testing.T) {
		end := invited.ExpiresAt
		given(t, created, invited).When(accept, end.Add(-time.Second)).Then(joined)
		given(t, created, invited).When(accept, end).ThenRejected("invitation_expired")
		short := invited
		short.Until = now.Add(time.Hour)
		given(t, created, short).When(accept, now.Add(time.Hour)).ThenRejected("invitation_expired")
	})
	t.Run("another token, invitation or chart are answered alike", func(t *testing.T) {
		wrong, unknown, none := accept, accept, accept
		wrong.TokenHash, none.TokenHash, unknown.Invitation = "other", "", id.MustParse[id.Invitation]("00000000-0000-4000-8000-0000000000d9")
		given(t, created, invited).When(wrong, now).ThenRejected("invitation_not_found")
		given(t, created, invited).When(none, now).ThenRejected("invitation_not_found")
		given(t, created, invited).When(unknown, now).ThenRejected("invitation_not_found")
		given(t).When(accept, now).ThenRejected("invitation_not_found")
		given(t, created, invited, joined).When(wrong, now).ThenRejected("invitation_not_found")
	})
	t.Run("refusals", func(t *testing.T) {
		given(t, created, invited, archived).When(accept, now).ThenRejected("chart_archived")
		staff := accept
		staff.ofGroup = true
		given(t, created, invited).When(staff, now).ThenRejected("account_of_practice")
		given(t, created, invited, chart.PatientAccountLinked{Account: parent}).When(accept, now).ThenRejected("account_already_linked")
	})
}

func TestPatientInvitationsAreSentAgainRevokedAndExpire(t *testing.T) {
	later := invited.ExpiresAt
	resend := inviting[chart.ResendPatientInvitation]{chart.ResendPatientInvitation{Invitation: invitation, ValidDays: 7}, "hash 2"}
	resent := chart.PatientInvitationResent{Invitation: invitation, FormerTokenHash: "hash", TokenHash: "hash 2", ExpiresAt: later.AddDate(0, 0, 7)}
	revoked, expired := chart.PatientInvitationRevoked{Invitation: invitation}, chart.PatientInvitationExpired{Invitation: invitation}
	revoke, expire := chart.RevokePatientInvitation{Invitation: invitation}, chart.ExpirePatientInvitation{Invitation: invitation}

	t.Run("sent again it has another token and the former one is void", func(t *testing.T) {
		given(t, created, invited).When(resend, later).Then(resent)
		given(t, created, invited, resent).When(accept, later).ThenRejected("invitation_not_found")
		renewed := accept
		renewed.TokenHash = "hash 2"
		given(t, created, invited, resent).When(renewed, later).Then(joined)
	})
	t.Run("revoked it is void, on archived charts too", func(t *testing.T) {
		given(t, created, invited, archived).When(revoke, now).Then(revoked)
		given(t, created, invited, revoked).When(accept, now).ThenRejected("invitation_used")
		given(t, created, invited, revoked).When(resend, now).ThenRejected("invitation_used")
		given(t, created, invited, joined).When(revoke, now).ThenRejected("invitation_used")
		given(t, created).When(revoke, now).ThenRejected("invitation_not_found")
	})
	t.Run("the clock ends it", func(t *testing.T) {
		given(t, created, invited).When(expire, later).Then(expired)
		given(t, created, invited).When(expire, later.Add(-time.Second)).ThenRejected("invitation_not_expired")
		given(t, created, invited, resent).When(expire, later).ThenRejected("invitation_not_expired")
		given(t, created, invited, joined).When(expire, later).ThenNothing()
		given(t, created).When(expire, later).ThenRejected("invitation_not_found")
		given(t, created, invited, expired).When(accept, now).ThenRejected("invitation_used")
	})
	t.Run("sending again is refused on archived charts, and once the access would have ended", func(t *testing.T) {
		given(t, created, invited, archived).When(resend, now).ThenRejected("chart_archived")
		given(t, created, invited).When(resend, invited.Until).ThenRejected("access_ends_in_past")
		given(t, created).When(resend, now).ThenRejected("invitation_not_found")
		none := resend
		none.command.ValidDays = 0
		given(t, created, invited).When(none, now).ThenRejected("expiry_in_past")
	})
}
